import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const resourceServerGroup: PeerGroup = {
  title: 'Resource server',
  checks: [
    peer(
      'With a good token: initialize, list, call',
      'MJ:verify_list_tools/_call_tool, MO:cap-10.1..4, CF:valid-bearer-token, SM:oauth-real-bearer-accepted',
      covered('protocol.official.stateful', 'tools.list.schemas', 'tools.notes.crud'),
    ),
    peer(
      'A wrong audience is refused; no replay across services',
      'AL:TOK-03, AT, AU, RZ:token_not_replayable_across_services, JX, CF:#78, KT',
      covered(
        'rs.token.other-audience',
        'rs.token.other-client',
        'tokens.verify.audience-exact',
        'rs.passthrough.foreign-token',
      ),
    ),
    peer('A wrong issuer is refused', 'AT, AU', covered('rs.token.other-issuer')),
    peer(
      'An expired token is refused',
      'AT, AU, KT',
      covered('rs.token.expired', 'rs.cache.not-beyond-exp', 'tokens.verify.exp-nbf'),
    ),
    peer('A tampered signature is refused', 'AT, CF:#116', covered('rs.token.tampered')),
    peer(
      'alg none and unsigned tokens are refused',
      'AL:TOK-02, AT, KT, CF:#116',
      covered('tokens.verify.alg-none'),
    ),
    peer('A signature of an unknown key is refused', 'CF:#116', covered('tokens.verify.foreign-key')),
    peer('A token in the query is refused', 'AL:TOK-05', covered('rs.token.query')),
    peer(
      "The client's token is not passed on",
      'KT',
      inPart(
        "that Nextcloud's own APIs get it is noted and not judged",
        'rs.passthrough.own-token',
        'rs.passthrough.foreign-token',
      ),
    ),
    peer(
      'Too little scope gets 403 with scopes; step-up, bounded retries, union at the next authorization',
      'AT, MO:step-1.*, CF:scope-step-up-*, scope-retry-*, sep-2350-*, JX',
      inPart('retries and union are client behaviour', 'rs.scope.insufficient'),
    ),
    peer(
      'The list of tools is filtered by scope: read, write, all, none',
      'SD:read_only_token_filters_write_tools, …',
      inPart(
        'a list need not be filtered; that what is hidden cannot be called is checked',
        'rs.scope.insufficient',
      ),
    ),
    peer(
      'Scope is enforced on the call itself, and that of a stored consent too',
      'SD:token_scopes_enforced_on_tool_call, stored_scopes_…',
      inPart('a consent that the server itself stores', 'rs.scope.insufficient'),
    ),
    peer(
      'Every tool declares a class of scope',
      'SD:tools_have_scope_decorators, all_tools_classified',
      notCovered('the inside of one server; from outside rs.scope.insufficient sees what is enforced'),
    ),
    peer(
      'Matrix of identities and tools; users are isolated; shares are honoured',
      'AT; SD:user_isolation_*, file_share_*, deck_*',
      inPart(
        'shares, which the embedded Nextcloud does not have; notes stand for the other tools',
        'rs.isolation.users',
        'rs.isolation.concurrent',
        'rs.isolation.cookies',
        'rs.identity.only-from-token',
      ),
    ),
    peer(
      'A hidden tool can be called; a definition changes after it was approved',
      'AT',
      inPart('changes of definitions', 'rs.scope.insufficient'),
    ),
    peer(
      'A session id without a token; an unknown or stale session',
      'AL:sessions, MJ:oauth_stale_session_rejection, AP:MCP_SESSION_ID_REJECTION_MISSING, CF:server-session-lifecycle',
      covered('rs.every-request', 'rs.session.not-authentication', 'protocol.session.lifecycle'),
    ),
    peer(
      'Host and Origin are guarded',
      'CF:localhost-host-*, MJ, AP:MCP_ORIGIN_NOT_VALIDATED, AL:ORIG-01, SD:dns_rebinding',
      covered('rs.host.rebinding', 'rs.origin.invalid'),
    ),
    peer(
      'Basic credentials of each user are passed on; all tools are visible',
      'SD:basic_auth_pass_through_*, basicauth_shows_all_tools',
      inPart(
        'passing on: our basic mode holds the credentials of one user, and others are to be ignored there',
        'parity.tool-set',
        'basic.ignores-client-credentials',
      ),
    ),
    peer(
      'Introspection: client authentication, no tokens of others, resource, inactive',
      'SD:introspection_*',
      covered('tokens.introspection.contract', 'tokens.audience.resource'),
    ),
    peer(
      'An opaque token that userinfo vouches for cannot be forged; allow-list by verified client',
      'SD:unified_verifier *userinfo*, *allowlist*',
      inPart(
        'lists of allowed clients, a setting of one server',
        'tokens.verify.no-fallback-bypass',
        'rs.token.tampered',
        'rs.token.other-client',
      ),
    ),
    peer(
      "Both audiences, the server's and Nextcloud's, where both are required",
      'SD:verify_multi_audience_*',
      notCovered('no check sends a token with several audiences'),
    ),
    peer(
      'Why a token was refused can be told, is logged once, and without secrets',
      'SD:jwt_failure_modes_are_distinguishable, rejection_logs_*',
      inPart(
        'what a log says of the reason, and how often',
        'rs.leak.logs',
        'rs.www-authenticate.error-code',
      ),
    ),
    peer(
      'Provisioning (login flow v2, app password) can be repeated',
      'SD:provision_access_*, login_flow_stores_*',
      notCovered('a third mode, in which the server keeps an app password of each user; we have two'),
    ),
    peer(
      'Logout, back-channel logout',
      'OF:*-logout-*',
      inPart(
        'that end_session_endpoint answers; the logout itself is no part of an MCP flow, and the oidc app announces no back-channel',
        'discovery.endpoints-live',
      ),
    ),
  ],
}
