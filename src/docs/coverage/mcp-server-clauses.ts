import { BOTH, EARLIER, LATER, under, type Clause } from './clause.js'
import { covered, inPart, notCovered } from './row.js'

/** Of proxies: servers that are an authorization server themselves, with one client at Nextcloud. */
export const NO_PROXY =
  'no check drives a server that is an authorization server itself, in front of Nextcloud'

const NEEDS_TLS = 'needs TLS, and runs are on loopback'
/** The checks of whether a token is for this server. */
export const OWN_AUDIENCE = [
  'rs.token.other-audience',
  'rs.token.other-client',
  'tokens.verify.audience-exact',
] as const
/** The checks of requests for which the scope of a token is too little. */
const LACK_OF_SCOPE = ['rs.scope.insufficient', 'rs.scope.resources'] as const

const requirements = under('Protocol Requirements', BOTH)
const overview = under('Overview', BOTH)
const location = under('Authorization Server Location', BOTH)
const earlierLocation = under('Authorization Server Location', EARLIER)
const discovery = under('Protected Resource Metadata Discovery Requirements', LATER)
const scopeSelection = under('Scope Selection Strategy', LATER)
const canonical = under('Canonical Server URI', BOTH)
const usage = under('Access Token Usage', BOTH)
const tokenRequirements = under('Token Requirements', BOTH)
const tokenHandling = under('Token Handling', BOTH)
const laterTokenHandling = under('Token Handling', LATER)
const errors = under('Error Handling', BOTH)
const runtimeScope = under('Runtime Insufficient Scope Errors', LATER)
const security = under('Security Considerations', BOTH)
const audience = under('Token Audience Binding and Validation', BOTH)
const theft = under('Token Theft', BOTH)
const communication = under('Communication Security', BOTH)
const deputy = under('Confused Deputy Problem', BOTH)
const privilege = under('Access Token Privilege Restriction', BOTH)

/** What the authorization chapter demands of an MCP server, in the order of the text. */
export const MCP_SERVER_CLAUSES: readonly Clause[] = [
  requirements(
    'MAY',
    'Authorization is optional: a server may do without',
    covered('basic.no-authorization-needed', 'basic.no-oauth-metadata'),
  ),
  requirements(
    'SHOULD',
    'A server that has it over HTTP follows the chapter',
    notCovered('the sum of the rows below, without a check of its own'),
  ),
  requirements('SHOULD NOT', 'A server over stdio follows it', notCovered('servers are judged over HTTP')),
  requirements(
    'MUST',
    'Over another transport, the good practice of its protocol is followed',
    notCovered('servers are judged over HTTP'),
  ),
  overview(
    'MUST',
    'Protected resource metadata as in RFC 9728',
    inPart(
      `that the document comes over https ${NEEDS_TLS}; signed metadata, which is optional`,
      'rs.prm.well-known-path',
      'rs.prm.resource-identical',
      'rs.prm.authorization-servers',
      'rs.prm.scopes-supported',
      'rs.prm.bearer-methods',
    ),
  ),
  location(
    'MUST',
    'The document lists at least one authorization server',
    covered('rs.prm.authorization-servers'),
  ),
  earlierLocation(
    'MUST',
    'Every 401 says in WWW-Authenticate where the document is',
    inPart(
      'looked for in the answers to initialize, without a token and with a bad one; of other requests only that they are challenged',
      'rs.www-authenticate.resource-metadata',
      'rs.challenge.401',
    ),
  ),
  discovery(
    'MUST',
    'The document is named in WWW-Authenticate, or served at a well-known address',
    covered('rs.www-authenticate.resource-metadata', 'rs.prm.well-known-path'),
  ),
  discovery('SHOULD', 'The challenge names the scope that is needed', covered('rs.www-authenticate.scope')),
  discovery(
    'SHOULD',
    'Sets of scopes are made up in a consistent way',
    notCovered('no text says which sets would be inconsistent'),
  ),
  scopeSelection(
    'no keyword',
    'scopes_supported is the least that the basic functions need; clients ask for it without a scope in the challenge',
    inPart(
      'whether a listed scope is needed for basic functions',
      'rs.prm.scopes-supported',
      'rs.www-authenticate.scope',
    ),
  ),
  canonical(
    'no keyword',
    'The identifier of a server is the resource of its metadata, without fragment',
    covered('rs.prm.resource-identical'),
  ),
  canonical('SHOULD', 'Scheme and host are accepted in upper case', covered('rs.token.audience-case')),
  canonical(
    'SHOULD',
    'The form without a slash at the end is used throughout',
    covered('rs.prm.resource-identical'),
  ),
  usage(
    'MUST',
    'Requests with tokens are dealt with as in OAuth 2.1 §5, in a session too',
    covered(
      'rs.token.scheme-case',
      'rs.token.wrong-scheme',
      'rs.token.malformed-header',
      'rs.session.not-authentication',
    ),
  ),
  tokenRequirements(
    'MUST',
    'Every request carries the token, also within a session (on clients; the server asks for it)',
    covered('rs.every-request'),
  ),
  tokenRequirements(
    'MUST NOT',
    'A token is in the query (on clients; the server takes none from there)',
    covered('rs.token.query', 'rs.prm.bearer-methods'),
  ),
  tokenHandling(
    'MUST',
    'Tokens are validated as in OAuth 2.1 §5.2',
    covered(
      'rs.token.tampered',
      'rs.token.expired',
      'rs.token.other-issuer',
      'rs.cache.not-beyond-exp',
      'rs.cache.revocation-window',
      'rs.scope.insufficient',
      'tokens.verify.alg-none',
      'tokens.verify.hs-confusion',
      'tokens.verify.foreign-key',
      'tokens.verify.exp-nbf',
      'tokens.verify.token-type',
      'tokens.verify.no-fallback-bypass',
      'resilience.validation-outage.fail-closed',
      'resilience.jwks.rotation',
    ),
  ),
  tokenHandling(
    'MUST',
    'A token must have been issued for this server as its audience (RFC 8707 §2)',
    covered(...OWN_AUDIENCE),
  ),
  tokenHandling(
    'MUST',
    'What fails is answered as in OAuth 2.1 §5.3',
    covered(
      'rs.challenge.401',
      'rs.www-authenticate.error-code',
      'rs.token.malformed-header',
      'rs.token.wrong-scheme',
      'rs.scope.insufficient',
    ),
  ),
  tokenHandling(
    'MUST',
    'Invalid and expired tokens get 401',
    covered('rs.token.tampered', 'rs.token.expired', 'rs.token.other-issuer', ...OWN_AUDIENCE),
  ),
  laterTokenHandling('MUST', 'Only tokens for its own resources are accepted', covered(...OWN_AUDIENCE)),
  tokenHandling(
    'MUST NOT',
    'Other tokens are accepted or passed on',
    covered('rs.passthrough.foreign-token', ...OWN_AUDIENCE),
  ),
  errors(
    'MUST',
    '401 where authorization is required or the token is invalid',
    covered('rs.challenge.401', 'rs.token.tampered', 'rs.token.expired'),
  ),
  errors('MUST', '403 where scope or permission is too little', covered(...LACK_OF_SCOPE)),
  errors(
    'MUST',
    '400 for a malformed authorization request',
    inPart(
      '401 is taken too: no text says which malformed header is a request without a token',
      'rs.token.malformed-header',
    ),
  ),
  runtimeScope(
    'SHOULD',
    'Too little scope gets 403 with insufficient_scope, scope and resource_metadata in a Bearer challenge',
    covered(...LACK_OF_SCOPE),
  ),
  runtimeScope('SHOULD', 'Its scope is enough for the request', covered(...LACK_OF_SCOPE)),
  runtimeScope(
    'SHOULD',
    'Scopes are chosen in a consistent way, and with the user in mind',
    notCovered('no text says which choice would be inconsistent or unkind'),
  ),
  security(
    'MUST',
    'The practices of OAuth 2.1 §7 are followed',
    inPart(
      `safety on the way ${NEEDS_TLS}; most of the section is on clients and authorization servers`,
      'rs.token.query',
      'rs.leak.responses',
      'rs.leak.logs',
      'rs.token.other-audience',
      'authz.callback.no-reflection',
    ),
  ),
  audience('MUST', 'Tokens are checked to have been issued for this server', covered(...OWN_AUDIENCE)),
  theft(
    'MUST',
    'Tokens are stored securely (OAuth 2.1 §7.1)',
    inPart(
      'what is kept in memory cannot be seen from outside, and of files only that of the client is looked at',
      'rs.leak.logs',
      'rs.leak.responses',
      'registration.store.mode-0600',
      'resilience.token-cache-bounded',
      'basic.no-credential-leak',
    ),
  ),
  communication('MUST', 'Communication is secured as in OAuth 2.1 §1.5', notCovered(NEEDS_TLS)),
  deputy(
    'MUST',
    'A proxy with one client of its own asks for consent to each dynamically registered client',
    notCovered(NO_PROXY),
  ),
  privilege(
    'MUST',
    'Tokens are validated before a request is processed, and nobody gets data without authorization',
    covered(
      'rs.challenge.401',
      'rs.token.other-audience',
      'rs.token.other-client',
      'rs.isolation.users',
      'rs.isolation.concurrent',
      'rs.isolation.cookies',
      'basic.ignores-client-credentials',
    ),
  ),
  privilege(
    'MUST',
    'Inbound tokens are validated by OAuth 2.1 §5.2',
    covered('rs.token.tampered', 'rs.token.expired', 'rs.token.other-issuer', 'tokens.verify.exp-nbf'),
  ),
  privilege(
    'MUST',
    'Tokens are refused that do not name the server as audience or are not otherwise found to be for it',
    covered(...OWN_AUDIENCE),
  ),
  privilege(
    'MUST NOT',
    "The client's token is passed on to APIs behind the server",
    inPart(
      "that Nextcloud's own APIs get it is noted and not judged; another origin must not",
      'rs.passthrough.own-token',
      'rs.passthrough.foreign-token',
    ),
  ),
]
