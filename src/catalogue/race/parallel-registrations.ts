import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import { waitUntilClientVisible } from '../../oauth/propagation.js'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'

const CLIENTS_ON_OWN = 8
/** A Nextcloud with its rate limit on allows 10 registrations a minute. */
const CLIENTS_ON_ATTACHED = 3

/** Sessions that start together register together. */
export const parallelRegistrations = defineCheck({
  id: 'race.parallel-registrations',
  suite: 'race',
  title: 'Clients that are registered at once get credentials of their own and keep their own redirect URI',
  level: 'MUST',
  source: [
    { document: 'RFC7591', clause: '3.2.1' },
    { document: 'project', clause: 'registrations at the same time do not mix' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-redirect-crossover',
      alsoNotTestable: ['authz.redirect-uri.mismatch', 'authz.redirect-uri.exact'],
    },
  ],
  async run(ctx) {
    const count = ctx.nextcloud.kind === 'attached' ? CLIENTS_ON_ATTACHED : CLIENTS_ON_OWN
    const uris = Array.from({ length: count }, (_, index) => `http://127.0.0.1:9/parallel/${index + 1}`)
    const attempts = await Promise.allSettled(uris.map((uri) => ctx.oauth.register({ redirect_uris: [uri] })))
    const clients = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
    try {
      if (clients.length < count) {
        return notTestable(`${count - clients.length} of ${count} registrations were refused`)
      }
      // How soon a client is known is judged elsewhere.
      await Promise.all(clients.map((client) => waitUntilClientVisible(client, { fetch: ctx.fetch })))
      const findings = new Findings()
      judgeCredentials(clients, findings)
      let redirects = 0
      for (const [index, client] of clients.entries()) {
        const own = uris[index] ?? ''
        if (!client.redirect_uris.includes(own)) {
          findings.add({
            id: 'redirect-uri-of-another-answered',
            message: 'the answer to a registration names the redirect URI of another one',
            expected: own,
            observed: client.redirect_uris,
          })
        }
        if (await isAccepted(ctx, client, own)) redirects += 1
        else {
          findings.add({
            id: 'own-redirect-uri-refused',
            message: 'a client does not get to its own redirect URI',
            observed: own,
          })
        }
        const others = uris.filter((uri) => uri !== own)
        const accepted = await Promise.all(others.map((uri) => isAccepted(ctx, client, uri)))
        const foreign = others.filter((_, position) => accepted[position])
        redirects += foreign.length
        if (foreign.length > 0) {
          findings.add({
            id: 'redirect-uri-of-another-accepted',
            message: 'a client gets to the redirect URI of another one',
            observed: { own, accepted: foreign },
          })
        }
      }
      if (redirects === 0) {
        return notTestable('positive control: prompt=none leads no client to any redirect URI')
      }
      return judge(findings.list(), { clients: count })
    } finally {
      await removeClients(ctx, clients)
    }
  },
})

function judgeCredentials(clients: readonly RegisteredClient[], findings: Findings): void {
  for (const member of ['client_id', 'client_secret', 'registration_access_token'] as const) {
    const values = clients.flatMap((client) => client[member] ?? [])
    if (new Set(values).size === values.length) continue
    findings.add({
      id: `${member.replaceAll('_', '-')}-shared`,
      message: `clients that were registered at once share a ${member}`,
      expected: values.length,
      observed: new Set(values).size,
    })
  }
}

/** Whether authorize leads to this redirect URI: with prompt=none and nobody logged in it does, with an error. */
async function isAccepted(
  ctx: CheckContext,
  client: RegisteredClient,
  redirectUri: string,
): Promise<boolean> {
  const request = await buildAuthorizationRequest(await ctx.oauth.discover(), client, {
    redirectUri,
    extra: { prompt: 'none' },
  })
  const response = await ctx.fetch(request.url)
  await response.body?.cancel()
  return response.headers.get('location')?.startsWith(redirectUri) === true
}
