import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const authorizationGroup: PeerGroup = {
  title: 'Authorization request and response',
  checks: [
    peer(
      'A missing response_type is an error',
      'OF:oidcc-response-type-missing',
      covered('authz.error.redirect'),
    ),
    peer(
      'redirect_uri matches exactly at the authorization endpoint, with queries too',
      'MJ:oauth_invalid_authorize_redirect; OF:oidcc-ensure-registered-redirect-uri, -redirect-uri-query-*',
      covered('authz.redirect-uri.exact', 'authz.redirect-uri.mismatch'),
    ),
    peer(
      'redirect_uri matches exactly at the token endpoint',
      'MJ:oauth_invalid_redirect',
      covered('authz.code.redirect-uri-bound'),
    ),
    peer(
      'state comes back once, and equal',
      'MO:oauth-4.3, CF:authorization-code-grant',
      inPart('that it does not come twice', 'authz.state.echo', 'authz.code-flow'),
    ),
    peer(
      'One code, no error beside it, at the callback URL',
      'CF:authorization-code-grant',
      inPart('that the code does not come twice', 'authz.code-flow'),
    ),
    peer(
      'iss of the response: right, missing, wrong, normalised, not advertised',
      'CF:sep-2468-client-*, RZ:rfc9207_iss_validation',
      inPart('what is made of a wrong one is client behaviour', 'authz.iss.response'),
    ),
    peer(
      'PKCE is sent, with S256, the verifier matches, and then all succeeds',
      'CF:pkce-*, MO:pkce-4, OF:oidcc-ensure-request-with-valid-pkce-succeeds',
      inPart(
        'that it is sent is client behaviour',
        'authz.code-flow',
        'authz.pkce.missing-verifier',
        'authz.pkce.wrong-verifier',
      ),
    ),
    peer(
      'PKCE is enforced as advertised; plain and no challenge are refused',
      'authgent; SM:oauth-mock-pkce-negative',
      inPart(
        'plain, which the oidc app offers, is not refused as such: no text forbids it to a server',
        'authz.pkce.required',
        'authz.pkce.plain',
        'authz.pkce.downgrade',
      ),
    ),
    peer(
      'resource is sent in both requests, valid and the same',
      'CF:resource-parameter-*, MO:resource-3/-4, RZ:resource_param_mandatory, JX:resource_indicators',
      inPart(
        'that it is sent is client behaviour; what Nextcloud makes of it is checked',
        'tokens.audience.resource',
        'tokens.resource.invalid',
      ),
    ),
    peer(
      'A missing or wrong resource fails closed',
      'RZ:fail_closed_missing_invalid_resource_or_audience',
      covered(
        'rs.token.other-client',
        'rs.token.other-audience',
        'tokens.audience.resource',
        'tokens.resource.invalid',
      ),
    ),
    peer(
      'Unknown parameters are tolerated, POST is accepted, and codes need no nonce',
      'OF:oidcc-ensure-request-with-unknown-parameter…, -ensure-post-request…, -without-nonce…',
      notCovered('OpenID Connect features that MCP clients do not rely on'),
    ),
    peer(
      'prompt, max_age, hints, display, locales, acr, claims',
      'OF:oidcc-prompt-*, -max-age-*, -id-token-hint, -login-hint, -display-*, -ui-locales, -claims-*',
      inPart('everything but prompt', 'authz.prompt.none', 'authz.prompt.login'),
    ),
    peer(
      'Request objects are supported or cleanly refused',
      'OF:oidcc-*request-object*, -request-uri-*',
      notCovered('the oidc app announces that it has none, and MCP asks for none'),
    ),
    peer(
      'Consent to fewer scopes yields fewer',
      'SD:jwt_consent_scenarios_*',
      inPart(
        'scopes that a person unticks on the page; what a registration limits is checked',
        'authz.scope.narrowing',
        'tokens.response.scope-when-narrowed',
      ),
    ),
  ],
}
