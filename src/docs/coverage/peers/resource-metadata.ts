import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const resourceMetadataGroup: PeerGroup = {
  title: 'Protected resource metadata',
  checks: [
    peer(
      'Reachable at the URL of the challenge',
      'MO:prm-1.4, CF:prm-pathbased-requested',
      covered('rs.www-authenticate.resource-metadata'),
    ),
    peer(
      'Well-known address with the path of the endpoint',
      'MO:prm-1.5, AP:PRM_WELLKNOWN_PATH_SUFFIX_MISSING',
      covered('rs.prm.well-known-path'),
    ),
    peer(
      'Well-known address at the root; order of the look-ups',
      'MO:prm-1.6, AP:DISCOVERY_ROOT_WELLKNOWN_404, CF:prm-priority-order',
      inPart(
        'a copy at the root is noted and not judged, as nobody demands one; the order is client behaviour',
        'rs.prm.resource-identical',
      ),
    ),
    peer(
      'Legacy fallback to the authorization server metadata of the server, and to default endpoints',
      'MO:prm-1.7, CF:2025-03-26-oauth-*',
      notCovered('revision 2025-03-26'),
    ),
    peer(
      'Status 200, JSON type, a JSON object',
      'AP:PRM_HTTP_STATUS_NOT_200, PRM_CONTENT_TYPE_NOT_JSON, PRM_NOT_JSON_OBJECT',
      covered('rs.prm.well-known-path'),
    ),
    peer(
      'resource is there',
      'AP:PRM_RESOURCE_MISSING, MJ:request_resource_metadata',
      covered('rs.prm.resource-identical'),
    ),
    peer(
      'resource equals the endpoint; a slash more is a warning; clients refuse a mismatch',
      'AP:PRM_RESOURCE_MISMATCH/_TRAILING_SLASH, CF:resource-mismatch-rejected',
      inPart('the refusal is client behaviour; a slash more is a failure here', 'rs.prm.resource-identical'),
    ),
    peer(
      'resource is absolute, https, without fragment',
      'AP:RFC3986_*, RESOURCE_FRAGMENT_FORBIDDEN, MO:resource-2/-5',
      inPart('https needs TLS, and runs are on loopback', 'rs.prm.resource-identical'),
    ),
    peer(
      'authorization_servers is not empty',
      'MO:prm-1.8, AP:PRM_MISSING_AUTHORIZATION_SERVERS',
      covered('rs.prm.authorization-servers'),
    ),
    peer(
      'scopes_supported is there and right',
      'MO:prm-1.9, SD:prm_endpoint',
      covered('rs.prm.scopes-supported'),
    ),
    peer(
      'bearer_methods_supported is valid; jwks_uri is https',
      'AP:PRM_BEARER_METHODS_INVALID, PRM_JWKS_URI_NOT_HTTPS',
      inPart(
        'a jwks_uri of the resource, an optional member that signs responses, is not looked at',
        'rs.prm.bearer-methods',
      ),
    ),
    peer(
      'All endpoints are https; faults of certificates are reported',
      'MO:prm-1.0, as-2.0a, *-https, cert-warnings; OF:CheckDiscEndpointAllEndpointsAreHttps',
      inPart(
        "schemes of Nextcloud's endpoints off loopback only; certificates and the server's own https need TLS",
        'discovery.required-fields',
      ),
    ),
    peer(
      'Redirects of metadata are bounded, and lead to no private host',
      'AP:METADATA_REDIRECT_*, METADATA_SSRF_BLOCKED',
      notCovered('client behaviour'),
    ),
  ],
}
