import { randomBytes } from 'node:crypto'
import { defineCheck, violated, satisfied } from '../check.js'
import { presentToken } from '../support/token-probe.js'

/** A client per start fills Nextcloud's table, meets its rate limit, and races the next authorization. */
export const storeReload = defineCheck({
  id: 'registration.store.reload',
  suite: 'registration',
  title: 'A restarted server uses the client that it registered before',
  level: 'MUST',
  source: [{ document: 'project', clause: 'existing client credentials are checked before registering' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [
    {
      id: 's-always-reregister',
      alsoRed: ['resilience.restart'],
      alsoNotTestable: [
        'registration.store.expired',
        'registration.store.never-expires',
        'registration.store.concurrent-start',
      ],
    },
  ],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin, users } = stack.nextcloud
    const folder = await stack.temporaryFolder()

    /** Registrations of one start, and the clients that the server names when it meets an opaque token. */
    const watchStart = async (
      serverUrl?: string,
    ): Promise<{ url: string; registrations: number; clients: string[] }> => {
      twin.clearRequests()
      const { url, server } = await stack.launch('oauth', {
        folder,
        ...(serverUrl === undefined ? {} : { env: { NEXTCLOUD_MCP_SERVER_URL: serverUrl } }),
      })
      const token = randomBytes(36).toString('base64url')
      ctx.secret('access_token', token)
      twin.honourToken(token, users.alice.userId)
      await presentToken(ctx, url, token)
      await server.stop()
      const requests = twin.requests()
      const registrations = requests.filter(
        ({ method, path }) => method === 'POST' && path === '/apps/oidc/register',
      ).length
      const clients = requests.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]))
      return { url, registrations, clients: [...new Set(clients)] }
    }

    const first = await watchStart()
    if (first.registrations === 0) {
      return { kind: 'not-applicable', reason: 'the server does not register a client at its start' }
    }
    // The second start gets another port; what the server is called must not change with it.
    const second = await watchStart(new URL(first.url).origin)
    const observed = { first: first.clients, second: second.clients }
    if (second.registrations > 0) {
      return violated({
        id: 'registered-again',
        message: 'a restart with a stored, living client registers another one',
        expected: 0,
        observed: second.registrations,
      })
    }
    const changed = first.clients.length > 0 && second.clients.some((id) => !first.clients.includes(id))
    if (changed) {
      return violated({
        id: 'client-changed',
        message: 'after the restart another client is in use',
        expected: first.clients,
        observed: second.clients,
      })
    }
    return satisfied({ registrations: [first.registrations, second.registrations], clients: observed })
  },
})
