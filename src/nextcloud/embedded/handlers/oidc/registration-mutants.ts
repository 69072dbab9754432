import type { EmbeddedContext } from '../../context.js'
import type { ClientRow } from '../../store.js'
import type { RequestParameters } from './parameters.js'

/** Two deliberate faults of registration: what is wrong with these redirect URIs is overlooked. */
export function isOverlooked(ctx: EmbeddedContext, redirectUris: unknown): boolean {
  if (redirectUris === undefined) return ctx.mutants.has('n-reg-accepts-no-redirect')
  if (!Array.isArray(redirectUris)) return false
  if (redirectUris.length === 0) return ctx.mutants.has('n-reg-accepts-no-redirect')
  const isScript = (uri: unknown): boolean => typeof uri === 'string' && uri.startsWith('javascript:')
  return redirectUris.some(isScript) && ctx.mutants.has('n-reg-accepts-javascript-uri')
}

/**
 * What `n-reg-returns-existing` answers with instead of a new client, and its registration access token: the client that
 * the same software has registered with the same metadata.
 */
export function returnedInstead(
  { store, mutants }: EmbeddedContext,
  client: ClientRow,
  parameters: RequestParameters,
): [ClientRow, string | undefined] | undefined {
  if (typeof parameters['software_id'] !== 'string') return undefined
  const existing = [...store.clients.values()].find(
    ({ name, redirectUris }) => name === client.name && redirectUris.join() === client.redirectUris.join(),
  )
  if (existing === undefined || !mutants.has('n-reg-returns-existing')) return undefined
  const tokens = [...store.registrationTokens.values()]
  return [existing, tokens.find(({ clientId }) => clientId === existing.id)?.token]
}
