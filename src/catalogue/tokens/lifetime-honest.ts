import { setTimeout as sleep } from 'node:timers/promises'
import { TOKEN_FORMATS, type CheckContext, type OAuthDriver, type TokenFormat } from '../context.js'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, NotTestableError, type Finding } from '../check.js'
import { Findings } from '../support/findings.js'
import { introspect, introspectionEndpoint, isActive } from '../support/introspection.js'
import { readJwt } from '../support/jwt.js'
import { seenWithin } from '../support/seen-within.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

/** When a token is looked at, seconds after its issue; the end lies between. */
interface Times {
  readonly lifeSeconds: number
  readonly beforeSeconds: number
  readonly afterSeconds: number
}
const WITH_CLOCK: Times = { lifeSeconds: 60, beforeSeconds: 50, afterSeconds: 70 }
/** A real Nextcloud's clock cannot be set, so that the check waits; both formats wait together. */
const WITHOUT_CLOCK: Times = { lifeSeconds: 6, beforeSeconds: 3, afterSeconds: 9 }

interface Issued {
  readonly format: TokenFormat
  readonly token: string
  readonly client: RegisteredClient
}

/** Servers cache what they found out about a token until the end that they were told. */
export const lifetimeHonest = defineCheck({
  id: 'tokens.lifetime.honest',
  suite: 'tokens',
  title: 'Tokens are good for as long as expires_in says, and not longer, wherever one asks',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '3.2.3' },
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'RFC7662', clause: '2.2' },
    { document: 'RFC9068', clause: '4' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  mutants: [{ id: 'n-token-outlives-expires-in', profile: 'strict' }],
  async run(ctx) {
    const { nextcloud, oauth } = await ctx.ownNextcloud()
    const { clock } = nextcloud
    const times = clock === undefined ? WITHOUT_CLOCK : WITH_CLOCK
    await nextcloud.admin.setAppConfig('oidc', 'expire_time', String(times.lifeSeconds))
    const clients = await Promise.all(TOKEN_FORMATS.map((format) => oauth.register({ token_type: format })))
    await untilSeen(ctx, oauth, clients[0], times.lifeSeconds)

    const endpoint = await introspectionEndpoint(oauth)
    const findings = new Findings()
    const issued: Issued[] = []
    for (const [index, format] of TOKEN_FORMATS.entries()) {
      const one = await issue(ctx, oauth, format, clients[index])
      issued.push(one.issued)
      one.findings.forEach((finding) => {
        findings.add(finding)
      })
    }
    const startedMs = performance.now()
    const nowSeconds = (): number => (clock?.nowMs() ?? Date.now()) / 1000
    for (const { format, token, client } of issued) {
      const exp =
        endpoint === undefined ? undefined : (await introspect(ctx, endpoint, token, client)).members['exp']
      const late = typeof exp === 'number' ? Math.round(exp - nowSeconds() - times.lifeSeconds) : 0
      if (late > 2) {
        findings.add({
          id: 'introspection-exp-late',
          message: 'introspection names an exp that lies behind the end of expires_in',
          expected: `${times.lifeSeconds} s after the issue`,
          observed: `${format}: ${late} s later`,
        })
      }
    }
    const pass = async (seconds: number, sinceSeconds: number): Promise<void> => {
      if (clock !== undefined) clock.shift(seconds - sinceSeconds)
      else await sleep(Math.max(0, startedMs + seconds * 1000 - performance.now()))
    }
    await pass(times.beforeSeconds, 0)
    const before = await Promise.all(issued.map((one) => look(ctx, oauth, endpoint, one)))
    await pass(times.afterSeconds, times.beforeSeconds)
    const after = await Promise.all(issued.map((one) => look(ctx, oauth, endpoint, one)))
    for (const finding of judgeLooks(times, before, after)) findings.add(finding)
    return judge(findings.list(), {
      [`after ${times.beforeSeconds} s`]: before,
      [`after ${times.afterSeconds} s`]: after,
    })
  },
})

/** Waits until the endpoint issues tokens with the life that was set. */
async function untilSeen(
  ctx: CheckContext,
  oauth: OAuthDriver,
  client: RegisteredClient | undefined,
  lifeSeconds: number,
): Promise<void> {
  const life = await seenWithin(
    async () => {
      const answer = await redeemCode(
        ctx,
        oauth,
        await oauth.obtainCode('alice', client === undefined ? {} : { client }),
      )
      const life = answer.members['expires_in']
      return typeof life === 'number' ? life : describeAnswer(answer)
    },
    (announced) => announced === lifeSeconds,
  )
  if (life !== lifeSeconds) {
    throw new NotTestableError(`with an expire_time of ${lifeSeconds} tokens are announced with ${life}`)
  }
}

async function issue(
  ctx: CheckContext,
  oauth: OAuthDriver,
  format: TokenFormat,
  client: RegisteredClient | undefined,
): Promise<{ issued: Issued; findings: readonly Finding[] }> {
  if (client === undefined) throw new NotTestableError('no client')
  const answer = await redeemCode(ctx, oauth, await oauth.obtainCode('alice', { client }))
  if (answer.accessToken === undefined) {
    throw new NotTestableError(`no ${format} token is issued (${describeAnswer(answer)})`)
  }
  const issued = { format, token: answer.accessToken, client }
  if (format === 'opaque') return { issued, findings: [] }
  const { exp, iat } = readJwt(answer.accessToken).claims
  const life = answer.members['expires_in']
  if (typeof exp === 'number' && typeof iat === 'number' && exp - iat === life)
    return { issued, findings: [] }
  return {
    issued,
    findings: [
      {
        id: 'jwt-exp-differs',
        message: 'exp - iat of a JWT is not expires_in',
        expected: life,
        observed: { exp, iat },
      },
    ],
  }
}

interface Look {
  readonly format: TokenFormat
  readonly userinfo: 'accepted' | 'refused'
  readonly introspection: 'active' | 'inactive' | 'not offered'
}

/** Introspection first: Nextcloud deletes a token that is used after its end. */
async function look(
  ctx: CheckContext,
  oauth: OAuthDriver,
  endpoint: string | undefined,
  { format, token, client }: Issued,
): Promise<Look> {
  const introspected = endpoint === undefined ? undefined : await introspect(ctx, endpoint, token, client)
  const userinfo = await askUserinfo(ctx, oauth, token)
  return {
    format,
    userinfo: isAlive(userinfo) ? 'accepted' : 'refused',
    introspection:
      introspected === undefined ? 'not offered' : isActive(introspected) ? 'active' : 'inactive',
  }
}

function judgeLooks(times: Times, before: readonly Look[], after: readonly Look[]): Finding[] {
  const early = before.filter((seen) => seen.userinfo === 'refused' || seen.introspection === 'inactive')
  const inUserinfo = after.filter(({ userinfo }) => userinfo === 'accepted')
  const inIntrospection = after.filter(({ introspection }) => introspection === 'active')
  const finding = (id: string, message: string, looks: readonly Look[], seconds: number): Finding[] =>
    looks.length === 0
      ? []
      : [
          {
            id,
            message,
            expected: `good until ${times.lifeSeconds} s after the issue`,
            observed: Object.fromEntries(
              looks.map(({ format, ...seen }) => [`${format} after ${seconds} s`, seen]),
            ),
          },
        ]
  return [
    ...finding('ends-early', 'a token ends before expires_in', early, times.beforeSeconds),
    ...finding(
      'userinfo-outlives-expires-in',
      'userinfo accepts a token after the end that was announced',
      inUserinfo,
      times.afterSeconds,
    ),
    ...finding(
      'introspection-outlives-expires-in',
      'introspection calls a token active after the end that was announced',
      inIntrospection,
      times.afterSeconds,
    ),
  ]
}
