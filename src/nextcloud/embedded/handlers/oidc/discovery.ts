import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { config } from './config.js'
import { appUrl } from './routing.js'
import { scopeWords } from './scopes.js'

const BASE_SCOPES = ['openid', 'profile', 'email', 'roles', 'groups', 'offline_access']

// `website` is listed twice by the real app.
const CLAIMS =
  'iss sub aud exp auth_time iat acr azp preferred_username scope nbf jti roles groups name given_name family_name ' +
  'middle_name updated_at website email email_verified website phone_number address picture quota'

/** The OpenID provider metadata (OpenID Connect Discovery 1.0, section 3), members in the app's order. */
export function discoveryDocument(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Record<string, unknown> {
  const issuer = c.get('origin')
  const base = appUrl(c)
  const authMethods = config.basicAuthHidden(ctx)
    ? ['client_secret_post']
    : ['client_secret_post', 'client_secret_basic']
  const registrationShown = config.dynamicRegistration(ctx) && !ctx.mutants.has('n-dcr-endpoint-hidden')
  return {
    issuer: ctx.mutants.has('n-issuer-trailing-slash') ? `${issuer}/` : issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    userinfo_endpoint: `${base}/userinfo`,
    jwks_uri: `${base}/jwks`,
    scopes_supported: supportedScopes(ctx),
    response_types_supported: ['code', 'code id_token', 'id_token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: ['authorization_code', 'implicit', 'refresh_token'],
    acr_values_supported: ['0'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256'],
    token_endpoint_auth_methods_supported: authMethods,
    display_values_supported: ['page'],
    claim_types_supported: ['normal'],
    claims_supported: CLAIMS.split(' '),
    claims_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    end_session_endpoint: `${base}/logout`,
    ...(registrationShown ? { registration_endpoint: `${base}/register` } : {}),
    introspection_endpoint: `${base}/introspect`,
    introspection_endpoint_auth_methods_supported: authMethods,
    ...(ctx.mutants.has('n-pkce-not-advertised')
      ? {}
      : { code_challenge_methods_supported: ['S256', 'plain'] }),
  }
}

/** Grows with every scope that a client was registered with. */
function supportedScopes(ctx: EmbeddedContext): string[] {
  const scopes = new Set(BASE_SCOPES)
  for (const client of ctx.store.clients.values()) {
    for (const word of scopeWords(client.allowedScopes)) scopes.add(word)
  }
  return [...scopes]
}
