import { defineCheck, judge } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge, type JwtForge } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

const OTHER = 'https://other.example/mcp'
const ANOTHER = 'https://another.example/mcp'

/** An audience that is compared in part is one that somebody else can register a server for. */
export const verifyAudienceExact = defineCheck({
  id: 'tokens.verify.audience-exact',
  suite: 'tokens',
  title: 'A JWT is refused whose aud is missing, a list of others, or nearly the address of the server',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'MCP-Authorization', clause: 'Token Audience Binding and Validation' },
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC7519', clause: '4.1.3' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-aud-prefix' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    const present = async (aud: unknown) => presentToken(ctx, target.url, await withAudience(forge, aud))
    await requireAccepted(ctx, target.url, await forge.sign({}), 'the same token with its own aud')
    await requireAccepted(
      ctx,
      target.url,
      await withAudience(forge, [OTHER, target.url]),
      'the same token with the server in a list',
    )

    const forgeries = await Promise.all(
      badAudiences(target.url).map(async ([name, findingId, aud]) => ({
        name,
        findingId,
        reception: await present(aud),
      })),
    )
    const open = await Promise.all(
      openAudiences(target.url).map(
        async ([name, aud]) => [`${name} (not judged)`, await present(aud)] as const,
      ),
    )
    return judge(judgeForgeries(forgeries), {
      ...describeForgeries(forgeries),
      ...Object.fromEntries(open),
    })
  },
})

function withAudience(forge: JwtForge, aud: unknown): Promise<string> {
  return forge.sign({ claims: { ...forge.real.claims, aud } })
}

function badAudiences(url: string): readonly (readonly [name: string, findingId: string, aud: unknown])[] {
  const { protocol, host, port, pathname } = new URL(url)
  const nearMisses: Readonly<Record<string, string>> = {
    'the address with more behind it': `${url}.evil.example`,
    'the address with one more part': `${url}/more`,
    'a longer host': `${protocol}//${host.replace(/:\d+$/, '')}.evil.example${port === '' ? '' : `:${port}`}${pathname}`,
    'the host as user name': `${protocol}//${host}@evil.example${pathname}`,
    'the address inside another one': `https://evil.example/?resource=${url}`,
  }
  return [
    ['no aud', 'missing-audience-accepted', undefined],
    ['an empty list', 'missing-audience-accepted', []],
    ['an empty text', 'missing-audience-accepted', ''],
    ['a list of others', 'other-audiences-accepted', [OTHER, ANOTHER]],
    ...Object.entries(nearMisses).map(([name, aud]) => [name, 'near-miss-accepted', aud] as const),
    ['a list of near misses', 'near-miss-accepted', Object.values(nearMisses)],
  ]
}

/**
 * What the texts leave to a server: which identifiers it expects for itself (RFC 9068 §4). The origin is a canonical URI,
 * too, and one server may have several endpoints.
 */
function openAudiences(url: string): readonly (readonly [name: string, aud: string])[] {
  const { origin } = new URL(url)
  return [
    ['the origin', origin],
    ['another path of the same host', `${origin}/elsewhere`],
    ['the address with a slash more', `${url}/`],
  ]
}
