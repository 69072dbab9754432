import { setTimeout as delay } from 'node:timers/promises'
import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import { waitUntilClientVisible } from '../../oauth/propagation.js'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'

const ROUNDS_ON_OWN = 20
const ROUNDS_ON_ATTACHED = 3
/** A Nextcloud with its rate limit on allows 10 registrations a minute. */
const ATTACHED_PACE_MS = 6_000

/** The flaky first authorization: a client that was just registered is unknown to the next request. */
export const firstUse = defineCheck({
  id: 'race.first-use.authorize',
  suite: 'race',
  title: 'A client can be used at once: the request right after its registration knows it',
  level: 'SHOULD',
  source: [
    { document: 'RFC7591', clause: '3.2.1' },
    { document: 'project', clause: 'a registered client is a usable client' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-propagation-lag',
      alsoRed: ['tokens.audience.resource', 'tokens.introspection.contract'],
      alsoNotTestable: ['registration.preconfigured-wins'],
    },
  ],
  timeoutMs: 90_000,
  async run(ctx) {
    const isOwn = ctx.nextcloud.kind === 'embedded'
    const rounds = isOwn ? ROUNDS_ON_OWN : ROUNDS_ON_ATTACHED
    const clients: RegisteredClient[] = []
    try {
      for (let round = 1; round <= rounds; round += 1) {
        if (round > 1 && !isOwn) await delay(ATTACHED_PACE_MS)
        const client = await ctx.oauth.register()
        clients.push(client)
        const registeredAtMs = performance.now()
        const findings = await useAtOnce(ctx, client)
        if (findings.length === 0) continue
        const { visible } = await waitUntilClientVisible(client, { fetch: ctx.fetch })
        if (visible) ctx.note(`seen ${Math.round(performance.now() - registeredAtMs)} ms after registration`)
        const again = await useAtOnce(ctx, client)
        if (again.length > 0) {
          return notTestable('positive control: the client is still unknown after waiting for it')
        }
        const delayMs = Math.round(performance.now() - registeredAtMs)
        return judge(findings.map((finding) => ({ ...finding, observed: { round, knownAfterMs: delayMs } })))
      }
      return judge([], { rounds, refusals: 0 })
    } finally {
      await removeClients(ctx, clients)
    }
  },
})

async function useAtOnce(ctx: CheckContext, client: RegisteredClient): Promise<Finding[]> {
  const server = await ctx.oauth.discover()
  const request = await buildAuthorizationRequest(server, client, {
    redirectUri: client.redirect_uris[0] ?? '',
    extra: { prompt: 'none' },
  })
  const authorize = await ctx.fetch(request.url)
  const location = authorize.headers.get('location') ?? ''
  const error = URL.canParse(location) ? new URL(location).searchParams.get('error') : null
  const findings: Finding[] = []
  if (error !== 'login_required') {
    findings.push({
      id: 'unknown-at-authorize',
      message: 'the authorization endpoint does not know a client that was just registered',
      expected: 'a redirect with error=login_required',
    })
  }
  if (client.registration_client_uri === undefined) return findings
  const read = await ctx.fetch(client.registration_client_uri, {
    headers: { authorization: `Bearer ${client.registration_access_token ?? ''}` },
  })
  if (read.status !== 200) {
    findings.push({
      id: 'unknown-at-registration-client-uri',
      message: 'the registration_client_uri does not know a client that was just registered',
      expected: 200,
    })
  }
  return findings
}
