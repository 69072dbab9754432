import type { EmbeddedContext } from '../../context.js'

/** The oidc app's settings as numbers and booleans, each with the app's own default. */
export const config = {
  dynamicRegistration: (ctx: EmbeddedContext): boolean =>
    ctx.store.oidcConfig('dynamic_client_registration', 'false') === 'true' ||
    (ctx.store.oidcConfig('allow_dynamic_client_registration', 'false') === 'true' &&
      ctx.mutants.has('n-dcr-wrong-key-honoured')),
  /** Life of a dynamically registered client. */
  clientExpireSeconds: (ctx: EmbeddedContext): number => seconds(ctx, 'client_expire_time', 3600),
  /** Life of codes and, by its own count, of access tokens. */
  expireSeconds: (ctx: EmbeddedContext): number => seconds(ctx, 'expire_time', 900),
  /** `null` = never. */
  refreshExpireSeconds: (ctx: EmbeddedContext): number | null =>
    ctx.store.oidcConfig('refresh_expire_time', '900') === 'never'
      ? null
      : seconds(ctx, 'refresh_expire_time', 900),
  defaultTokenType: (ctx: EmbeddedContext): 'opaque' | 'jwt' =>
    ctx.store.oidcConfig('default_token_type', 'opaque') === 'jwt' ? 'jwt' : 'opaque',
  /** Whether users decide on consent themselves; otherwise it is written silently. */
  userSettings: (ctx: EmbeddedContext): boolean =>
    !ctx.profile.quirks.noConsent &&
    ctx.store.oidcConfig('allow_user_settings', (ctx.options.consent ?? true) ? 'enabled' : 'no') !== 'no',
  alwaysRefreshToken: (ctx: EmbeddedContext): boolean =>
    ctx.profile.quirks.refreshTokenAlways ||
    ctx.store.oidcConfig('provide_refresh_token_always', 'false') === 'true',
  alwaysIncludeScopeClaims: (ctx: EmbeddedContext): boolean =>
    ['true', '1'].includes(ctx.store.oidcConfig('always_include_scope_claims', 'false')),
  basicAuthHidden: (ctx: EmbeddedContext): boolean =>
    ['true', '1'].includes(ctx.store.oidcConfig('disable_auth_client_secret_basic', 'false')),
  emailAlwaysVerified: (ctx: EmbeddedContext): boolean =>
    ctx.store.oidcConfig('overwrite_email_verified', '') === 'true',
}

function seconds(ctx: EmbeddedContext, key: string, fallback: number): number {
  const value = Number.parseInt(ctx.store.oidcConfig(key, String(fallback)), 10)
  return Number.isNaN(value) ? 0 : value
}
