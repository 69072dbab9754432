import { BOTH, EARLIER, LATER, under, type Clause } from './clause.js'
import { covered, inPart, notCovered } from './row.js'

const NO_CLIENT_DOCUMENTS = 'the oidc app has no client ID metadata documents'

const overview = under('Overview', BOTH)
const earlierOverview = under('Overview', EARLIER)
const laterOverview = under('Overview', LATER)
const clientDocuments = under('Client ID Metadata Documents', LATER)
const clientDocumentSecurity = under('Client ID Metadata Document Security', LATER)
const resourceParameter = under('Resource Parameter Implementation', BOTH)
const earlierTokenHandling = under('Token Handling', EARLIER)
const theft = under('Token Theft', BOTH)
const communication = under('Communication Security', BOTH)
const codeProtection = under('Authorization Code Protection', LATER)
const redirection = under('Open Redirection', BOTH)

/** What the authorization chapter demands of the authorization server, which here is Nextcloud. */
export const MCP_AUTHORIZATION_SERVER_CLAUSES: readonly Clause[] = [
  overview(
    'MUST',
    'OAuth 2.1, for confidential and for public clients',
    inPart(
      'public clients: every client of a run is registered with a secret',
      'authz.code-flow',
      'authz.pkce.required',
      'authz.pkce.missing-verifier',
      'authz.pkce.wrong-verifier',
      'authz.pkce.plain',
      'authz.pkce.downgrade',
      'authz.code.single-use',
      'authz.code.lifetime',
      'authz.code.wrong-client',
      'authz.code.redirect-uri-bound',
      'authz.code.not-a-refresh-token',
      'authz.error.redirect',
      'tokens.response.fields',
      'tokens.error.client-auth',
      'tokens.error.grant-type',
      'tokens.refresh.binding',
    ),
  ),
  earlierOverview(
    'SHOULD',
    'Dynamic client registration (RFC 7591)',
    covered(
      'discovery.registration-endpoint.enabled',
      'registration.success-fields',
      'registration.error.invalid-metadata',
      'registration.duplicate-metadata',
      'registration.expiry-honest',
    ),
  ),
  laterOverview(
    'MAY',
    'Dynamic client registration (RFC 7591)',
    covered(
      'discovery.registration-endpoint.enabled',
      'registration.success-fields',
      'registration.error.invalid-metadata',
      'registration.duplicate-metadata',
      'registration.expiry-honest',
    ),
  ),
  laterOverview('SHOULD', 'Client ID metadata documents', notCovered(NO_CLIENT_DOCUMENTS)),
  earlierOverview('MUST', 'Metadata as in RFC 8414', covered('discovery.rfc8414-document')),
  laterOverview(
    'MUST',
    'Metadata as in RFC 8414 or as in OpenID Connect Discovery',
    covered('discovery.oidc-document', 'discovery.rfc8414-document'),
  ),
  clientDocuments(
    'MUST',
    'Documents of clients are validated: client_id, redirect URIs, structure',
    notCovered(NO_CLIENT_DOCUMENTS),
  ),
  clientDocuments(
    'SHOULD',
    'Documents of clients are fetched, cached as HTTP says, and mistrusted',
    notCovered(NO_CLIENT_DOCUMENTS),
  ),
  resourceParameter(
    'no keyword',
    'What becomes of the resource that clients must name is left to the authorization server',
    covered('tokens.audience.resource', 'tokens.resource.invalid'),
  ),
  earlierTokenHandling(
    'MUST',
    'Only tokens for its own resources are accepted',
    notCovered('a slip of the text; the later revision says it of the MCP server'),
  ),
  theft(
    'SHOULD',
    'Access tokens live for a short time',
    inPart(
      'how long is a setting of Nextcloud; that they end when they should is checked',
      'tokens.lifetime.honest',
    ),
  ),
  theft(
    'MUST',
    'Refresh tokens of public clients are rotated',
    inPart(
      'public clients that an administrator makes: the oidc app registers none, and of those only its source was read',
      'tokens.refresh.rotation-public',
      'tokens.refresh.rotation',
    ),
  ),
  communication(
    'MUST',
    'All endpoints are served over https',
    inPart('the addresses off loopback; TLS itself is not tried', 'discovery.required-fields'),
  ),
  communication(
    'MUST',
    'Redirect URIs are localhost or https',
    inPart(
      'private-use schemes, which RFC 8252 has for native apps, count as good',
      'registration.redirect-uri.schemes',
    ),
  ),
  codeProtection(
    'MUST',
    'OpenID metadata has code_challenge_methods_supported',
    covered('discovery.pkce-s256'),
  ),
  redirection(
    'MUST',
    'Redirect URIs are compared exactly with those that were registered',
    covered('authz.redirect-uri.exact', 'authz.redirect-uri.mismatch'),
  ),
  redirection(
    'MUST',
    'Nobody is redirected to untrusted URIs (OAuth 2.1 §7.12.2)',
    covered('authz.redirect-uri.mismatch', 'authz.error.redirect', 'registration.redirect-uri.schemes'),
  ),
  redirection(
    'SHOULD',
    'Only a trusted redirect URI is followed without asking',
    covered('authz.redirect-uri.mismatch', 'authz.error.redirect'),
  ),
  clientDocumentSecurity(
    'MUST',
    'The dangers of client ID metadata documents are considered; the host of the redirect URI is shown',
    notCovered(NO_CLIENT_DOCUMENTS),
  ),
  clientDocumentSecurity(
    'SHOULD',
    'Requests to private addresses are prevented; a redirect to localhost alone is warned of',
    notCovered(NO_CLIENT_DOCUMENTS),
  ),
]
