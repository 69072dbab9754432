import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
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
import { token } from './token.js'
import { userinfo } from './userinfo.js'

type ContextHandler = (ctx: EmbeddedContext, c: Parameters<OidcHandler>[0]) => ReturnType<OidcHandler>

const ROUTES: readonly (readonly [methods: readonly string[], path: string, handler: ContextHandler])[] = [
  [['POST'], '/register', register],
  [['GET', 'PUT', 'DELETE'], '/register/:clientId', configureClient],
  [['GET', 'POST'], '/authorize', authorize],
  [['GET'], '/redirect', redirectPage],
  [['GET'], '/consent', consentPage],
  [['POST'], '/consent/grant', grantConsent],
  [['POST'], '/consent/deny', denyConsent],
  [['GET'], '/api/consents', listConsents],
  [['DELETE'], '/api/consents/:id', revokeConsent],
  [['PATCH'], '/api/consents/:id/scopes', changeConsentScopes],
  [['POST'], '/token', token],
  [['GET', 'POST'], '/userinfo', userinfo],
  [['POST'], '/introspect', introspect],
  [['GET', 'POST'], '/logout', endSession],
]

const PREFLIGHTED = [
  '/userinfo',
  '/logout',
  '/token',
  '/authorize',
  '/register',
  '/register/:clientId',
  '/introspect',
]

/** Mounts the oidc app (2.0.9) on the embedded Nextcloud, in both URL forms, with the well-known documents. */
export function registerOidcRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  registerMetadata(app, ctx)
  for (const [methods, path, handler] of ROUTES) mount(app, methods, path, (c) => handler(ctx, c))
  for (const path of PREFLIGHTED) mountPreflight(app, path)
  app.get('/apps/oidc/js/:file', (c, next) => {
    const script = pageScript(c)
    return script === undefined ? next() : Promise.resolve(script)
  })
}
