import { REVISIONS, under, type Clause } from './clause.js'
import { NO_PROXY, OWN_AUDIENCE } from './mcp-server-clauses.js'
import { covered, inPart, notCovered } from './row.js'

/** The page is the same for both revisions today; the earlier one's address leads to the later one's. */
const PAGE = { document: 'MCP-Security', revisions: REVISIONS } as const

const deputy = under('Confused Deputy Problem', PAGE)
const protections = under('Required Protections', PAGE)
const passthrough = under('Token Passthrough', PAGE)
const hijacking = under('Session Hijacking', PAGE)
const local = under('Local MCP Server Compromise', PAGE)
const scopes = under('Scope Minimization', PAGE)

/** What the security best practices, to which the authorization chapter points, demand of an MCP server. */
export const MCP_SECURITY_CLAUSES: readonly Clause[] = [
  deputy('MUST', 'Proxies ask for consent to each client', notCovered(NO_PROXY)),
  protections(
    'MUST',
    'Proxies keep who approved which client_id, look there first, and store it securely',
    notCovered(NO_PROXY),
  ),
  protections(
    'MUST',
    'Their consent page names client, scopes and redirect URI, withstands CSRF and cannot be framed',
    notCovered(NO_PROXY),
  ),
  protections(
    'MUST',
    'Their consent cookies are __Host-, Secure, HttpOnly, SameSite=Lax, signed and bound to the client',
    notCovered(NO_PROXY),
  ),
  protections('MUST', 'They compare redirect URIs exactly', notCovered(NO_PROXY)),
  protections(
    'MUST',
    'Their callback takes a response only with the state of a request that was approved, and once',
    inPart(
      'of a callback at /oauth/callback, only that a state which it cannot know is refused',
      'authz.callback.state-mismatch',
    ),
  ),
  protections('MUST NOT', 'State is set before the consent', notCovered(NO_PROXY)),
  passthrough(
    'MUST NOT',
    'Tokens are accepted that were not issued for this server',
    covered('rs.passthrough.foreign-token', ...OWN_AUDIENCE),
  ),
  passthrough(
    'no keyword',
    "The client's token is not handed on to what is behind the server",
    inPart("that Nextcloud's own APIs get it is noted and not judged", 'rs.passthrough.own-token'),
  ),
  hijacking('MUST', 'Every inbound request is verified', covered('rs.every-request', 'rs.challenge.401')),
  hijacking(
    'MUST NOT',
    'Sessions are used for authentication',
    covered('rs.session.not-authentication', 'rs.every-request', 'rs.identity.only-from-token'),
  ),
  hijacking('MUST', 'Session ids are secure and not deterministic', covered('rs.session.id-quality')),
  hijacking(
    'SHOULD',
    'They come from a secure random number generator',
    inPart(
      'the generator cannot be seen: only that ids neither repeat nor have much in common',
      'rs.session.id-quality',
    ),
  ),
  hijacking(
    'SHOULD',
    'Sessions are bound to their user',
    covered('rs.session.not-authentication', 'rs.identity.only-from-token', 'rs.cache.key-collision'),
  ),
  local(
    'SHOULD',
    'A server on this machine keeps out other programs: stdio, a token, a socket with few rights',
    inPart(
      'programs of this machine: in basic mode nobody is asked for a token; other machines and web pages are kept out',
      'basic.local-bind',
      'rs.host.rebinding',
      'rs.origin.invalid',
    ),
  ),
  scopes(
    'no keyword',
    'Tokens with less scope are taken, and challenges name what is needed and not everything',
    inPart(
      'whether a challenge or scopes_supported names more than is needed',
      'rs.scope.insufficient',
      'rs.www-authenticate.scope',
      'rs.prm.scopes-supported',
    ),
  ),
]
