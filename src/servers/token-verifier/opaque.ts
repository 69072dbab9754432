import * as z from 'zod'
import type { FetchLike } from '../../oauth/fetch-like.js'
import type { ServerMutant } from '../mutants.js'
import { scopesOf } from '../scopes.js'
import { askEndpoint } from './endpoint.js'
import type { EndpointAnswer, EndpointOptions } from './endpoint.js'
import type { Verify } from './token-verifier.js'
import { CLOCK_TOLERANCE_SECONDS, EXPIRED, INVALID, UNAVAILABLE } from './verification.js'
import type { Verification } from './verification.js'

export interface ClientCredentials {
  readonly client_id: string
  readonly client_secret: string
}

/** The server's own OAuth client, with which it introspects. */
export interface IntrospectionClient {
  current(): ClientCredentials
  /** The authorization server does not know this client any more. True when there is another one now. */
  replace(rejectedClientId: string): Promise<boolean>
}

export interface OpaqueVerifierOptions {
  readonly userinfoEndpoint: string
  /** Without introspection the audience of an opaque token cannot be seen, and none is accepted by default. */
  readonly introspectionEndpoint: string | undefined
  /**
   * Where nobody can tell the audience, accept every living opaque token of the authorization server. The operator
   * thereby trusts all clients of that server with this one; see docs/decisions/0013.
   */
  readonly acceptUnbound: boolean
  readonly client: IntrospectionClient
  readonly mutants: ReadonlySet<ServerMutant>
  /** Called when the authorization server cannot be reached. */
  readonly onUnreachable: () => void
  readonly fetch?: FetchLike
  /** Default `Date.now`. */
  readonly nowMs?: () => number
}

const userinfoSchema = z.object({ sub: z.string().min(1), scope: z.string().optional() })
const introspectionSchema = z.discriminatedUnion('active', [
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    sub: z.string().min(1),
    client_id: z.string().min(1),
    scope: z.string().optional(),
    exp: z.number().optional(),
  }),
])

/**
 * Asks the authorization server about tokens that say nothing themselves. Userinfo tells the user (OIDC Core
 * §5.3). Introspection (RFC 7662) tells the end and the audience: Nextcloud calls a token active only
 * for the client it was issued to or for a client registered with the token's resource, as ours is.
 */
export function createOpaqueVerifier(options: OpaqueVerifierOptions): Verify {
  const { mutants, introspectionEndpoint, nowMs = Date.now } = options
  const endpoint: EndpointOptions = { fetch: options.fetch ?? fetch, onUnreachable: options.onUnreachable }

  const askUserinfo = async (token: string): Promise<Verification> => {
    const request: RequestInit = mutants.has('s-expired-accepted')
      ? // Nextcloud tells an expired token from an unknown one only where the header does not bring it.
        { method: 'POST', body: new URLSearchParams({ access_token: token }) }
      : { headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' } }
    const answer = await askEndpoint(options.userinfoEndpoint, request, endpoint)
    if (answer?.status === 200) {
      const claims = userinfoSchema.safeParse(answer.json)
      if (!claims.success) return UNAVAILABLE
      const { sub, scope } = claims.data
      return { status: 'valid', identity: { sub, clientId: '', scopes: scopesOf(scope) } }
    }
    // Nextcloud says 400 where RFC 6750 §3.1 says 401.
    if (answer?.status !== 400 && answer?.status !== 401) return UNAVAILABLE
    return saysExpired(answer) ? EXPIRED : INVALID
  }

  const introspect = async (token: string): Promise<Verification> => {
    if (introspectionEndpoint === undefined) return INVALID
    const ask = ({ client_id, client_secret }: ClientCredentials): Promise<EndpointAnswer | undefined> => {
      // In the body: Nextcloud does not decode Basic credentials as RFC 6749 §2.3.1 has it.
      const body = new URLSearchParams({ token, token_type_hint: 'access_token', client_id, client_secret })
      return askEndpoint(
        introspectionEndpoint,
        { method: 'POST', body, headers: { Accept: 'application/json' } },
        endpoint,
      )
    }
    const client = options.client.current()
    let answer = await ask(client)
    if (answer?.status === 401 && (await options.client.replace(client.client_id))) {
      answer = await ask(options.client.current())
    }
    const parsed = introspectionSchema.safeParse(answer?.json)
    if (answer?.status !== 200 || !parsed.success) return UNAVAILABLE
    const content = parsed.data
    if (!content.active) return INVALID
    const { sub, client_id: clientId, scope } = content
    const identity = { sub, clientId, scopes: scopesOf(scope) }
    if (content.exp === undefined) return { status: 'valid', identity }
    if (content.exp + CLOCK_TOLERANCE_SECONDS <= nowMs() / 1000) return EXPIRED
    return { status: 'valid', identity, expiresAtSeconds: content.exp }
  }

  // Nobody tells the end of such a token, so that nothing is remembered.
  const verifyUnbound: Verify = async (token) => {
    const user = await askUserinfo(token)
    return user.status === 'valid' ? { ...user, expiresAtSeconds: nowMs() / 1000 } : user
  }
  if (introspectionEndpoint === undefined && options.acceptUnbound) return verifyUnbound

  return async (token) => {
    const [user, state] = await Promise.all([askUserinfo(token), introspect(token)])
    if (user === EXPIRED && mutants.has('s-expired-accepted')) {
      return {
        status: 'valid',
        identity: { sub: 'expired', clientId: 'expired', scopes: scopesOf(undefined) },
      }
    }
    // Introspection refuses a token for another resource; its end is still heeded where it is told.
    if (mutants.has('s-aud-unchecked'))
      return user.status === 'valid' && state.status === 'valid' ? state : user
    // One clear refusal is enough, even while the other endpoint is out of order.
    if (user.status === 'invalid') return user
    if (state.status === 'invalid') return state
    if (user.status === 'unavailable' || state.status === 'unavailable') return UNAVAILABLE
    return state.identity.sub === user.identity.sub ? state : INVALID
  }
}

/** Nextcloud: 400 `invalid_grant` "Access token already expired."; others say it in `error_description`. */
function saysExpired({ json }: EndpointAnswer): boolean {
  const parsed = z.object({ error_description: z.string() }).safeParse(json)
  return parsed.success && /expired/i.test(parsed.data.error_description)
}
