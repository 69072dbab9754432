import type { Caller, Gate } from './caller.js'
import type { BasicConfiguration } from './configuration.js'
import { NextcloudClient } from './nextcloud-client.js'
import type { NextcloudClientOptions } from './nextcloud-client.js'

/** Basic mode: everybody acts as the configured user; credentials of the MCP client are not looked at. */
export function basicGate(
  { username, password }: BasicConfiguration,
  client: Omit<NextcloudClientOptions, 'credentials'>,
): Gate {
  const { mutants } = client
  const nextcloud = new NextcloudClient({
    ...client,
    credentials: () => Promise.resolve({ scheme: 'basic', username, password }),
  })
  const caller: Caller = { principal: 'configured user', scopes: 'unrestricted', nextcloud }
  return (request) => {
    if (mutants.has('s-basic-demands-token')) return Promise.resolve({ admitted: false, response: demand() })
    const authorization = request.headers.get('Authorization')
    if (authorization !== null && mutants.has('s-basic-forwards-authorization')) {
      const forwarding = new NextcloudClient({
        ...client,
        credentials: () => Promise.resolve({ scheme: 'forwarded', authorization }),
      })
      return Promise.resolve({ admitted: true, caller: { ...caller, nextcloud: forwarding } })
    }
    return Promise.resolve({ admitted: true, caller })
  }
}

/** What `s-basic-demands-token` answers. */
function demand(): Response {
  return Response.json(
    { error: 'invalid_token' },
    { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } },
  )
}
