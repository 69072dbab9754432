import { covered, inPart } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const tokensGroup: PeerGroup = {
  title: 'Token content and OpenID Connect',
  checks: [
    peer('Form of a JWT, alg is not none, kid', 'MO:jwt-5.1..5.4', covered('tokens.jwt.profile')),
    peer(
      'iss, sub, exp, iat, client_id, scope',
      'MO:jwt-5.5..5.8, audience-5..9',
      covered('tokens.jwt.profile'),
    ),
    peer(
      'The signature verifies with the matching published key',
      'MO:jwt-5.11/5.12/5.14, OF:oidcc-idtoken-signature, -rs256',
      covered('tokens.jwt.profile', 'tokens.response.fields'),
    ),
    peer('aud holds the resource', 'MO:audience-2/-3, jwt-5.13', covered('tokens.audience.resource')),
    peer('Scopes are in the JWT', 'SD:jwt_tokens_embed_scopes_in_payload', covered('tokens.jwt.profile')),
    peer(
      'The signing key is rotated',
      'OF:oidcc-server-rotate-keys',
      inPart(
        'that Nextcloud rotates it: our emulation does, and what a server makes of it is checked',
        'resilience.jwks.rotation',
        'resilience.jwks.bounded-fetch',
      ),
    ),
    peer(
      'Userinfo by GET and POST, and its claims by scope',
      'OF:oidcc-userinfo-*, -scope-*',
      inPart(
        'POST',
        'tokens.userinfo.claims-by-scope',
        'tokens.userinfo.subject',
        'tokens.userinfo.invalid-token',
      ),
    ),
  ],
}
