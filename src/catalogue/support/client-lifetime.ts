import { deleteClient, type RegisteredClient } from '../../oauth/registration.js'
import type { CheckContext } from '../context.js'

/** Removes clients that a check registered on a shared Nextcloud. What cannot be removed expires by itself. */
export async function removeClients(
  ctx: Pick<CheckContext, 'fetch' | 'note'>,
  clients: readonly RegisteredClient[],
): Promise<void> {
  const removed = await Promise.allSettled(
    clients.map((client) => deleteClient(client, { fetch: ctx.fetch })),
  )
  const left = removed.filter(({ status }) => status === 'rejected').length
  if (left > 0) ctx.note(`${left} registered clients could not be deleted`)
}
