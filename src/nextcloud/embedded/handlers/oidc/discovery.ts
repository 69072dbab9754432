import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { config } from './config.js'
import { appUrl, issuerOf } from './routing.js'
import { supportedScopes } from './scopes.js'

const CLAIMS_1_9_0 =
  'iss sub aud exp auth_time iat acr azp preferred_username scope nbf jti roles name updated_at website email ' +
  'email_verified phone_number address picture quota'

// `website` is listed twice by the real app.
const CLAIMS =
  'iss sub aud exp auth_time iat acr azp preferred_username scope nbf jti roles groups name given_name family_name ' +
  'middle_name updated_at website email email_verified website phone_number address picture quota'

/** The OpenID provider metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414), members in the app's order. */
export function discoveryDocument(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Record<string, unknown> {
  const issuer = issuerOf(ctx, c)
  const base = appUrl(c)
  const endpoint = (name: string): string => `${base}/${name}${ctx.options.endpointSuffix ?? ''}`
  const { quirks } = ctx.profile
  const secretMethods = config.basicAuthHidden(ctx)
    ? ['client_secret_post']
    : ['client_secret_post', 'client_secret_basic']
  const challengeMethods = pkceMethods(ctx)
  const registrationShown = config.dynamicRegistration(ctx)
    ? !ctx.mutants.has('n-dcr-endpoint-hidden')
    : ctx.mutants.has('n-dcr-advertised-when-off')
  return {
    issuer: ctx.mutants.has('n-issuer-trailing-slash') ? `${issuer}/` : issuer,
    authorization_endpoint: endpoint('authorize'),
    token_endpoint: endpoint('token'),
    userinfo_endpoint: ctx.mutants.has('n-userinfo-url-wrong') ? `${base}/user` : endpoint('userinfo'),
    ...(ctx.mutants.has('n-discovery-no-jwks-uri') ? {} : { jwks_uri: endpoint('jwks') }),
    scopes_supported: supportedScopes(ctx),
    response_types_supported: ['code', 'code id_token', 'id_token'],
    response_modes_supported: quirks.requestKeptInSession ? ['query'] : ['query', 'fragment', 'form_post'],
    grant_types_supported: [
      'authorization_code',
      'implicit',
      ...(quirks.refreshTokenAlways ? [] : ['refresh_token']),
    ],
    acr_values_supported: ['0'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256'],
    token_endpoint_auth_methods_supported: quirks.metadataUnchecked
      ? secretMethods
      : [...secretMethods, 'none'],
    display_values_supported: ['page'],
    claim_types_supported: ['normal'],
    claims_supported: (quirks.requestKeptInSession ? CLAIMS_1_9_0 : CLAIMS).split(' '),
    ...(quirks.requestKeptInSession
      ? {}
      : {
          claims_parameter_supported: true,
          request_parameter_supported: false,
          request_uri_parameter_supported: false,
        }),
    end_session_endpoint: endpoint('logout'),
    ...(registrationShown ? { registration_endpoint: endpoint('register') } : {}),
    ...(quirks.noIntrospection
      ? {}
      : {
          introspection_endpoint: endpoint('introspect'),
          introspection_endpoint_auth_methods_supported: secretMethods,
        }),
    ...(challengeMethods.length === 0 ? {} : { code_challenge_methods_supported: challengeMethods }),
    ...(quirks.noIssuerInResponse ? {} : { authorization_response_iss_parameter_supported: true }),
  }
}

/** The advertised PKCE methods; a profile that ignores PKCE advertises S256 only when patched to. */
function pkceMethods(ctx: EmbeddedContext): string[] {
  const { noPkce, weakPkce } = ctx.profile.quirks
  if (ctx.mutants.has('n-pkce-not-advertised')) return []
  if (noPkce) return ctx.options.discoveryPkcePatch === true ? ['S256'] : []
  return weakPkce ? ['S256', 'plain'] : ['S256']
}
