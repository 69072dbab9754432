import { defineCheck, judge, NotTestableError, type Finding } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { describeForgeries, judgeForgeries, type Forgery } from '../support/forged-tokens.js'
import { createJwtForge, type JwtMembers } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

const ACCESS_TOKEN_TYPES = ['at+jwt', 'application/at+jwt', 'at+JWT']

/** ID tokens are signed with the same key and go to many a log and page; only their type tells them apart. */
export const verifyTokenType = defineCheck({
  id: 'tokens.verify.token-type',
  suite: 'tokens',
  title: 'An ID token is no access token, and every spelling of at+jwt is one',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC8725', clause: '3.11' },
    { document: 'RFC8725', clause: '3.12' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-accepts-id-token' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    await requireAccepted(ctx, url, await ctx.token('alice'), 'an access token of the same user')
    const { tokens } = await ctx.oauth.mint('alice')
    if (tokens.id_token === undefined) throw new NotTestableError('no ID token is issued')
    const real: Forgery = {
      name: 'an ID token',
      findingId: 'id-token-accepted',
      reception: await presentToken(ctx, url, tokens.id_token),
    }
    const typed = await tryTypes(ctx)
    const forgeries = [real, ...typed.forgeries]
    return judge([...judgeForgeries(forgeries), ...typed.refused], {
      ...describeForgeries(forgeries),
      ...typed.spellings,
    })
  },
})

interface TypedTokens {
  readonly forgeries: readonly Forgery[]
  readonly refused: readonly Finding[]
  readonly spellings: Readonly<Record<string, string>>
}

/**
 * Access tokens that differ from real ones by their type alone. Not tried where the server cannot be started by us, or
 * does not take JWTs.
 */
async function tryTypes(ctx: CheckContext): Promise<TypedTokens> {
  const none = (why: string): TypedTokens => {
    ctx.note(`types of otherwise good tokens were not tried: ${why}`)
    return { forgeries: [], refused: [], spellings: { types: `not tried: ${why}` } }
  }
  if (!ctx.tokenFormats.includes('jwt')) return none('the server is not meant to accept JWTs')
  const stack = await ctx.privateStack()
  const launched = await stack.launch('oauth').catch((error: unknown) => {
    if (error instanceof NotTestableError) return error.message
    throw error
  })
  return typeof launched === 'string' ? none(launched) : presentTypes(ctx, stack, launched)
}

async function presentTypes(
  ctx: CheckContext,
  stack: PrivateStack,
  target: Awaited<ReturnType<PrivateStack['launch']>>,
): Promise<TypedTokens> {
  const forge = await createJwtForge(ctx, stack, target)
  const { typ: _, ...untyped } = forge.real.header
  const present = async (header: JwtMembers) =>
    presentToken(ctx, target.url, await forge.sign({ header: { ...untyped, ...header } }))
  await requireAccepted(ctx, target.url, await forge.sign({}), 'the same token with its own type')
  const forgeries = await Promise.all(
    [{ typ: 'JWT' }, { typ: 'logout+jwt' }, {}].map(async (header: { typ?: string }): Promise<Forgery> => ({
      name: `typ ${header.typ ?? 'missing'}`,
      findingId: 'other-type-accepted',
      reception: await present(header),
    })),
  )
  const spellings = Object.fromEntries(
    await Promise.all(ACCESS_TOKEN_TYPES.map(async (typ) => [`typ ${typ}`, await present({ typ })] as const)),
  )
  const wrongly = Object.entries(spellings).filter(([, reception]) => reception !== 'accepted')
  if (wrongly.length === 0) return { forgeries, refused: [], spellings }
  const finding: Finding = {
    id: 'access-token-type-refused',
    message: 'an access token is refused for the spelling of its type',
    expected: 'accepted',
    observed: Object.fromEntries(wrongly),
  }
  return { forgeries, refused: [finding], spellings }
}
