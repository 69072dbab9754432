import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import type { Profile } from '../../profiles.js'
import { authorize } from './authorize.js'
import { configureClient } from './client-configuration.js'
import { consentPage, denyConsent, grantConsent } from './consent.js'
import { changeConsentScopes, listConsents, revokeConsent } from './consents-api.js'
import { introspect } from './introspection.js'
import { endSession } from './logout.js'
import { registerMetadata } from './metadata.js'
import { pageScript } from './page-scripts.js'
import { redirectPage } from './redirect-page.js'
import { register } from './registration.js'
import { mount, mountPreflight, type OidcHandler } from './routing.js'
import { authorizeFromSession } from './session-authorize.js'
import { token } from './token.js'
import { userinfo } from './userinfo.js'

type ContextHandler = (ctx: EmbeddedContext, c: Parameters<OidcHandler>[0]) => ReturnType<OidcHandler>

type Route = readonly [methods: readonly string[], path: string, handler: ContextHandler]

const ROUTES: readonly Route[] = [
  [['POST'], '/register', register],
  [['GET'], '/redirect', redirectPage],
  [['POST'], '/token', token],
  [['GET', 'POST'], '/userinfo', userinfo],
  [['GET', 'POST'], '/logout', endSession],
]

const CONSENT_ROUTES: readonly Route[] = [
  [['GET'], '/consent', consentPage],
  [['POST'], '/consent/grant', grantConsent],
  [['POST'], '/consent/deny', denyConsent],
  [['GET'], '/api/consents', listConsents],
  [['DELETE'], '/api/consents/:id', revokeConsent],
  [['PATCH'], '/api/consents/:id/scopes', changeConsentScopes],
]

/** The routes of the profile's version. */
function routesOf({ quirks }: Profile): readonly Route[] {
  return [
    ...ROUTES,
    quirks.requestKeptInSession
      ? [['GET'], '/authorize', authorizeFromSession]
      : [['GET', 'POST'], '/authorize', authorize],
    ...(quirks.noConsent ? [] : CONSENT_ROUTES),
    ...(quirks.bareRegistration
      ? []
      : ([[['GET', 'PUT', 'DELETE'], '/register/:clientId', configureClient]] satisfies Route[])),
    ...(quirks.noIntrospection ? [] : ([[['POST'], '/introspect', introspect]] satisfies Route[])),
  ]
}

const PREFLIGHTED = new Set([
  '/userinfo',
  '/logout',
  '/token',
  '/authorize',
  '/register',
  '/register/:clientId',
  '/introspect',
])

/** Mounts the profile's oidc app on the embedded Nextcloud, in both URL forms, with the well-known documents. */
export function registerOidcRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  registerMetadata(app, ctx)
  for (const [methods, path, handler] of routesOf(ctx.profile)) {
    mount(app, ctx, methods, path, (c) => handler(ctx, c))
    if (PREFLIGHTED.has(path)) mountPreflight(app, ctx, path)
  }
  app.get('/apps/oidc/js/:file', (c, next) => {
    const script = pageScript(c)
    return script === undefined ? next() : Promise.resolve(script)
  })
}
