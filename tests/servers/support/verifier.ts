import type { ServerMutant } from '../../../src/servers/mutants.js'
import { createJwtVerifier } from '../../../src/servers/token-verifier/jwt.js'
import { createOpaqueVerifier } from '../../../src/servers/token-verifier/opaque.js'
import { TokenVerifier } from '../../../src/servers/token-verifier/token-verifier.js'
import type { FakeNextcloud } from './fake-nextcloud.js'

export const RESOURCE = 'http://mcp.example/mcp'
const OIDC = '/index.php/apps/oidc'
export const now = (): number => Math.floor(Date.now() / 1000)

/** A verifier for RESOURCE on the fake; `clock.nowMs` moves its time. */
export function verifierOn(
  nextcloud: FakeNextcloud,
  mutants: readonly ServerMutant[] = [],
  clock: { nowMs: number } = { nowMs: 0 },
): TokenVerifier {
  nextcloud.clients.set('own', { secret: 'own-secret', resource: RESOURCE, visibleAtMs: 0 })
  const nowMs = (): number => Date.now() + clock.nowMs
  const common = { mutants: new Set(mutants), onUnreachable: () => undefined, nowMs }
  return new TokenVerifier({
    verifyJwt: createJwtVerifier({
      jwksUri: `${nextcloud.url}${OIDC}/jwks`,
      issuer: nextcloud.url,
      audience: RESOURCE,
      ...common,
    }),
    verifyOpaque: createOpaqueVerifier({
      userinfoEndpoint: `${nextcloud.url}${OIDC}/userinfo`,
      introspectionEndpoint: `${nextcloud.url}${OIDC}/introspect`,
      acceptUnbound: false,
      client: {
        current: () => ({ client_id: 'own', client_secret: 'own-secret' }),
        replace: () => Promise.resolve(false),
      },
      ...common,
    }),
    ...common,
  })
}

export const good = { sub: 'alice', aud: RESOURCE }
