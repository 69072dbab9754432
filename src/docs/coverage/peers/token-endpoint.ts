import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const tokenEndpointGroup: PeerGroup = {
  title: 'Token endpoint',
  checks: [
    peer('A code buys tokens', 'MO:oauth-4.4, CF:token-request', covered('authz.code-flow')),
    peer(
      'access_token, type Bearer, expires_in',
      'MO:oauth-4.5..4.7, MJ:oauth_token_format',
      covered('tokens.response.fields'),
    ),
    peer('JSON, 200, no-store', 'CF:authorization-code-grant', covered('tokens.response.fields')),
    peer(
      'Errors are JSON, and not 200',
      'AP:TOKEN_RESPONSE_NOT_JSON_RISK, TOKEN_HTTP200_ERROR_PAYLOAD_RISK',
      covered('tokens.error.client-auth', 'tokens.error.grant-type'),
    ),
    peer(
      'invalid_grant and invalid_scope',
      'JX:test_oauth_error_scenarios',
      inPart(
        'invalid_scope is not demanded, as a server may grant less instead',
        'authz.code.single-use',
        'authz.code.wrong-client',
        'tokens.refresh.binding',
      ),
    ),
    peer(
      'Client authentication: none, basic, post, private_key_jwt',
      'CF:token-endpoint-auth-*, OF:oidcc-server-client-secret-post, MO:pkjwt-1.1..1.4',
      inPart('public clients; private_key_jwt is nothing that the oidc app has', 'tokens.error.client-auth'),
    ),
    peer(
      'A code works once, after 30 seconds too, and its tokens are revoked at the second use',
      'OF:oidcc-codereuse, -codereuse-30seconds',
      inPart('a second use half a minute later', 'authz.code.single-use'),
    ),
    peer(
      'A refresh works, is bound to its client, and has safe characters',
      'OF:oidcc-refresh-token, MO:oauth-4.8',
      inPart('the characters', 'tokens.refresh.rotation', 'tokens.refresh.binding'),
    ),
    peer(
      'Refresh tokens are rotated',
      'SM:oauth-mock-refresh-rotation',
      covered('tokens.refresh.rotation', 'tokens.refresh.rotation-public'),
    ),
    peer(
      'offline_access is asked for only where it is supported',
      'CF:sep-2207-offline-access-*',
      inPart('client behaviour; that a server does not announce it is checked', 'rs.prm.scopes-supported'),
    ),
    peer(
      'client_credentials by secret and by JWT',
      'CF:client-credentials-*, MJ --auth-mode',
      inPart('the oidc app has no such grant; that it is refused is checked', 'tokens.error.grant-type'),
    ),
    peer(
      'DPoP: proofs, nonces, replay',
      'CF:sep-1932-*',
      notCovered('an extension that the oidc app does not have'),
    ),
    peer(
      'jwt-bearer, token exchange, workload identity',
      'CF:complete-flow-*, wif-*',
      notCovered('extensions that the oidc app does not have'),
    ),
  ],
}
