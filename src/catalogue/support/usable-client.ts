import { waitUntilClientVisible } from '../../oauth/propagation.js'
import type { ClientMetadata, RegisteredClient } from '../../oauth/registration.js'
import type { CheckContext, OAuthDriver } from '../context.js'

/** Registers a client and waits until Nextcloud knows it: how soon that is, is judged by the race suite alone. */
export async function registerUsableClient(
  ctx: Pick<CheckContext, 'fetch'>,
  oauth: OAuthDriver,
  metadata: Partial<ClientMetadata>,
): Promise<RegisteredClient> {
  const client = await oauth.register(metadata)
  await waitUntilClientVisible(client, { fetch: ctx.fetch })
  return client
}
