import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const challengeGroup: PeerGroup = {
  title: 'Challenge',
  checks: [
    peer(
      'A request without a token gets 401, not 200, 403 or 500',
      'MO:prm-1.1, MJ:oauth_unauthenticated_challenge, CF:#105',
      covered('rs.challenge.401', 'rs.every-request'),
    ),
    peer(
      'WWW-Authenticate is there and has the Bearer scheme',
      'MO:prm-1.2, AP:DISCOVERY_NO_WWW_AUTHENTICATE, JX:www_authenticate_flexibility',
      covered('rs.challenge.401'),
    ),
    peer(
      'resource_metadata is there and absolute',
      'MO:prm-1.3, MJ:oauth_resource_metadata_challenge, CF:#105',
      covered('rs.www-authenticate.resource-metadata'),
    ),
    peer(
      'The challenge is lost on the way although there is a metadata document',
      'AP:HEADER_STRIPPED_BY_PROXY_SUSPECTED',
      inPart(
        'both facts are found; that a proxy is the likely cause is not said',
        'rs.challenge.401',
        'rs.prm.well-known-path',
      ),
    ),
    peer(
      'Authorization is demanded but cannot be discovered',
      'AP:AUTH_REQUIRED_BUT_NOT_ADVERTISED, OAUTH_DISCOVERY_UNAVAILABLE',
      covered('rs.challenge.401', 'rs.www-authenticate.resource-metadata', 'rs.prm.well-known-path'),
    ),
    peer(
      'A malformed Authorization header is refused',
      'CF:#116',
      covered('rs.token.malformed-header', 'rs.token.wrong-scheme'),
    ),
    peer(
      'A garbage bearer token gets 401, not 403 or 500',
      'MJ:oauth_invalid_token, AL:TOK-01, CF:#116/#155',
      covered('rs.token.tampered', 'rs.www-authenticate.error-code'),
    ),
    peer(
      'The scope of the challenge is honoured, else scopes_supported, else none is asked for',
      'CF:scope-from-www-authenticate, -from-scopes-supported, -omitted-when-undefined',
      inPart(
        "the choice itself is client behaviour; the server's half is checked",
        'rs.www-authenticate.scope',
        'rs.prm.scopes-supported',
      ),
    ),
    peer(
      'The entry point of a browser login redirects, and never answers 500',
      'SD:oauth_login_redirects_not_500',
      notCovered('the path belongs to one server; no text names it'),
    ),
  ],
}
