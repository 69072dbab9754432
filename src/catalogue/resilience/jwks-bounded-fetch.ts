import { randomBytes, randomUUID } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { createJwtForge, type JwtMembers } from '../support/jwt.js'
import { presentToken, requireAccepted, type TokenReception } from '../support/token-probe.js'

const FORGED_TOKENS = 100
const AT_ONCE = 10
/** A few fetches at once are fair, and after that one in a second: real keys change once in months. */
const FREE_FETCHES = 5
const FETCHES_PER_SECOND = 1
const SLOW_MS = 5_000

/** Whoever can make a server fetch with every forged token uses it to flood the authorization server. */
export const jwksBoundedFetch = defineCheck({
  id: 'resilience.jwks.bounded-fetch',
  suite: 'resilience',
  title: 'Tokens with unknown key ids cause few requests for the keys, and good tokens are served meanwhile',
  level: 'SHOULD',
  source: [
    { document: 'RFC8725', clause: '3.10' },
    { document: 'project', clause: 'the JWKS is cached, and fetched again within bounds' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-jwks-fetch-per-token' }],
  timeoutMs: 60_000,
  async run(ctx) {
    if (!ctx.tokenFormats.includes('jwt')) {
      return { kind: 'not-applicable', reason: 'the server is not meant to accept JWT access tokens' }
    }
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    const good = (jti: number): Promise<string> =>
      forge.sign({ claims: { ...forge.real.claims, jti: `good-${jti}` } })
    await requireAccepted(ctx, target.url, await good(0), 'a good token')

    twin.clearRequests()
    const startedMs = performance.now()
    const forged: TokenReception[] = []
    const served: Served[] = []
    for (let round = 1; round <= FORGED_TOKENS / AT_ONCE; round += 1) {
      const token = await good(round)
      const [ofGood, ...ofForged] = await Promise.all([
        serve(ctx, target.url, token),
        ...Array.from({ length: AT_ONCE }, () =>
          presentToken(ctx, target.url, withUnknownKey(ctx, forge.real.header, forge.real.claims)),
        ),
      ])
      served.push(ofGood)
      forged.push(...ofForged)
    }
    const seconds = (performance.now() - startedMs) / 1000
    const fetches = twin.requests().filter(({ path }) => path === '/apps/oidc/jwks').length

    if (!forged.includes('refused')) {
      return notTestable(`no forged token is refused: ${[...new Set(forged)].join(', ')}`)
    }
    const findings = new Findings()
    const allowed = FREE_FETCHES + Math.ceil(seconds * FETCHES_PER_SECOND)
    if (fetches > allowed) {
      findings.add({
        id: 'fetches-unbounded',
        message: 'tokens with unknown key ids make the server fetch the keys again and again',
        expected: `at most ${allowed} requests for the keys`,
        observed: `${fetches} for ${FORGED_TOKENS} tokens`,
      })
    }
    for (const { reception, tookMs } of served) {
      if (reception === 'accepted' && tookMs <= SLOW_MS) continue
      findings.add({
        id: reception === 'accepted' ? 'good-token-slow' : 'good-token-refused',
        message: 'good tokens suffer from those with unknown key ids',
        expected: `accepted within ${SLOW_MS} ms`,
        observed: reception === 'accepted' ? `${tookMs} ms` : reception,
      })
    }
    return judge(findings.list(), {
      fetches,
      seconds: Math.round(seconds * 10) / 10,
      slowestGoodTokenMs: Math.max(...served.map(({ tookMs }) => tookMs)),
    })
  },
})

interface Served {
  readonly reception: TokenReception
  readonly tookMs: number
}

async function serve(ctx: CheckContext, url: string, token: string): Promise<Served> {
  const startedMs = performance.now()
  const reception = await presentToken(ctx, url, token)
  return { reception, tookMs: Math.round(performance.now() - startedMs) }
}

/** The signature is noise: without the key nobody can tell. */
function withUnknownKey(ctx: Pick<CheckContext, 'secret'>, header: JwtMembers, claims: JwtMembers): string {
  const parts = [{ ...header, kid: randomUUID() }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const token = [...parts, randomBytes(256).toString('base64url')].join('.')
  ctx.secret('access_token', token)
  return token
}
