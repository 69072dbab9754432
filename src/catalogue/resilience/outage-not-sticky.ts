import type { Fault, FaultScope } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { TokenFormat } from '../context.js'
import { Findings } from '../support/findings.js'
import { seenWithin } from '../support/seen-within.js'
import { presentToken } from '../support/token-probe.js'

const SCOPES = ['userinfo', 'introspection', 'jwks'] as const satisfies readonly FaultScope[]
/** Those that a server can tell from an answer about the token. */
const OUTAGES = ['refuse', 'status-500', 'status-502-html'] as const satisfies readonly Fault['kind'][]
const RECOVERY_MS = 2_000

/** A client that is told `invalid_token` throws its token away and sends its user to log in, for nothing. */
export const outageNotSticky = defineCheck({
  id: 'resilience.validation-outage.not-sticky',
  suite: 'resilience',
  title: 'A token that could not be validated in an outage is not called invalid, and works right after it',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.3.2' },
    { document: 'RFC9110', clause: '15.6.4' },
    { document: 'project', clause: 'an outage of the authorization server is survived' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [
    {
      id: 's-negative-cache-outage',
      alsoNotTestable: ['resilience.validation-outage.fail-closed'],
    },
  ],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const mint = async (format: TokenFormat): Promise<string> =>
      (await stack.oauth.mint('alice', { format })).tokens.access_token

    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const kind of OUTAGES) {
      for (const format of ctx.tokenFormats) {
        const token = await mint(format)
        const lifts = SCOPES.map((scope) => twin.inject({ scope, kind }))
        // With the keys at hand a server may well accept a JWT; fail-closed judges what must not be accepted.
        const during = await presentToken(ctx, url, token).catch(() => 'no answer')
        for (const lift of lifts) lift()
        const after = await seenWithin(
          () => presentToken(ctx, url, token).catch(() => 'no answer'),
          (reception) => reception === 'accepted',
          RECOVERY_MS,
        )
        const name = `${kind}, ${format}`
        observed[name] = `${during}, afterwards ${after}`
        if (during === 'refused') {
          findings.add({
            id: 'called-invalid',
            message: 'during the outage a good token is refused as if it were invalid',
            expected: '503 or another 5xx',
            observed: name,
            level: 'SHOULD',
          })
        }
        if (after === 'accepted') continue
        // One that was never seen in an outage tells whether the server accepts such tokens at all.
        const control = await presentToken(ctx, url, await mint(format)).catch(() => 'no answer')
        if (control !== 'accepted')
          return notTestable(`positive control: a good ${format} token is ${control}`)
        // One is enough: each takes the whole time.
        findings.add({
          id: 'outage-remembered',
          message: 'a good token that was presented during an outage is still refused afterwards',
          expected: `accepted within ${RECOVERY_MS} ms`,
          observed: `${name}: ${after}`,
        })
        return judge(findings.list())
      }
    }
    return judge(findings.list(), observed)
  },
})
