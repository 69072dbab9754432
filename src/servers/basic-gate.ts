import type { Caller, Gate } from './caller.js'
import type { BasicConfiguration } from './configuration.js'
import { NextcloudClient } from './nextcloud-client.js'
import type { NextcloudClientOptions } from './nextcloud-client.js'

/** Basic mode: everybody acts as the configured user; credentials of the MCP client are not looked at. */
export function basicGate(
  { username, password }: BasicConfiguration,
  client: Omit<NextcloudClientOptions, 'credentials'>,
): Gate {
  const nextcloud = new NextcloudClient({
    ...client,
    credentials: () => Promise.resolve({ scheme: 'basic', username, password }),
  })
  const caller: Caller = { principal: 'configured user', nextcloud }
  return () => Promise.resolve({ admitted: true, caller })
}
