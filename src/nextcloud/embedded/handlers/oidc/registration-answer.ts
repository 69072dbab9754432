import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import type { ClientRow } from '../../store.js'
import { clientEndSeconds } from './clients.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { appUrl } from './routing.js'

/**
 * The client information response (RFC 7591 3.2.1), members in the app's order.
 * @param registrationToken absent in versions without a client configuration endpoint, which tell less besides.
 */
export function registrationAnswer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  client: ClientRow,
  registrationToken: string | undefined,
  parameters: RequestParameters,
): Record<string, unknown> {
  const applicationType = stringParameter(parameters, 'application_type')
  return {
    client_name: client.name,
    ...credentialMembers(client),
    ...(registrationToken === undefined
      ? {}
      : {
          registration_access_token: registrationToken,
          registration_client_uri: registrationClientUri(c, client),
        }),
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: authMethodOf(client),
    ...flowMembers(ctx, client),
    id_token_signed_response_alg: client.signingAlg,
    application_type: applicationType === 'native' ? 'native' : 'web',
    client_id_issued_at: client.issuedAtSeconds,
    ...(ctx.mutants.has('n-reg-no-secret-expiry')
      ? {}
      : { client_secret_expires_at: clientEndSeconds(ctx, client) }),
    ...(registrationToken === undefined
      ? {}
      : {
          scope: client.allowedScopes,
          token_type: client.tokenType,
          ...(client.resourceUrl === null ? {} : { resource_url: client.resourceUrl }),
        }),
  }
}

/** A client's id, and its secret unless it is public. */
export function credentialMembers(client: ClientRow): Record<string, string> {
  return {
    client_id: client.clientIdentifier,
    ...(client.type === 'public' ? {} : { client_secret: client.secret }),
  }
}

/** `token_endpoint_auth_method` of a client. */
export function authMethodOf(client: ClientRow): string {
  return client.authMethod ?? 'client_secret_post'
}

export function registrationClientUri(c: Context<EmbeddedEnv>, client: ClientRow): string {
  return `${appUrl(c)}/register/${client.clientIdentifier}`
}

/** `response_types` and `grant_types` of a client, derived from its flow type; the real app never names refresh_token. */
export function flowMembers(
  ctx: EmbeddedContext,
  client: ClientRow,
): { response_types: string[]; grant_types: string[] } {
  const refresh = ctx.profile.quirks.metadataUnchecked ? [] : ['refresh_token']
  return client.flowType === 'code'
    ? { response_types: ['code'], grant_types: ['authorization_code', ...refresh] }
    : { response_types: ['code', 'id_token'], grant_types: ['authorization_code', 'implicit', ...refresh] }
}
