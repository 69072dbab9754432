import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

export const serverMetadataGroup: PeerGroup = {
  title: 'Authorization server metadata',
  checks: [
    peer(
      'Found in the forms of RFC 8414 and OpenID Connect, issuers with a path too',
      'MO:as-2.1, AP:…UNREACHABLE, CF:metadata-var1..3, authorization-server-metadata-wrong-path',
      covered('rs.prm.authorization-servers', 'discovery.oidc-document', 'discovery.rfc8414-document'),
    ),
    peer(
      '200 and JSON',
      'AP:…CONTENT_TYPE_NOT_JSON; OF:EnsureDiscoveryEndpointResponseStatusCodeIs200, CheckDiscoveryEndpointReturnedJsonContentType',
      covered('discovery.oidc-document'),
    ),
    peer(
      'Endpoints for authorization, tokens and userinfo are there',
      'MO:as-2.3/2.4; OF:CheckDiscEndpoint*; SD:as_metadata_has_required_fields',
      inPart(
        'userinfo is tried where it is named; that it must be named is not said by the texts',
        'discovery.required-fields',
        'discovery.endpoints-live',
      ),
    ),
    peer(
      'issuer equals where it was found',
      'AP:AUTH_SERVER_ISSUER_MISMATCH; OF:CheckDiscEndpointIssuer; CF:sep-2468-client-validate-metadata-issuer',
      covered(
        'discovery.issuer-match',
        'rs.prm.authorization-servers',
        'discovery.server-rejects-wrong-issuer',
      ),
    ),
    peer(
      'issuer is valid, without query and fragment, and not private',
      'AP:…QUERY_FRAGMENT, …PRIVATE_BLOCKED; OF:…IssuerIsValidUrl',
      inPart(
        'private addresses are not refused: runs are on loopback',
        'discovery.required-fields',
        'discovery.issuer-not-host-controlled',
      ),
    ),
    peer(
      'Endpoints are on the host of the issuer',
      'AP:AUTH_SERVER_ENDPOINT_HOST_MISMATCH',
      covered('discovery.required-fields'),
    ),
    peer(
      'S256 is advertised; the member is a list',
      'MO:pkce-1..3, oauth-4.2; AP:…PKCE_S256_MISSING; OF:…CodeChallengeMethods…IsAnArray',
      covered('discovery.pkce-s256', 'discovery.required-fields'),
    ),
    peer(
      'Types of grants, responses and subjects',
      'MO:oauth-4.1; OF:OIDCCCheckDiscEndpoint{Grant,Response}Types*, CheckDiscEndpointSubjectTypes',
      inPart('of grant_types_supported only the form', 'discovery.required-fields'),
    ),
    peer(
      'registration_endpoint is advertised',
      'MO:as-2.2, SD:as_metadata_advertises_registration_endpoint',
      covered('discovery.registration-endpoint.enabled', 'discovery.registration-endpoint.disabled'),
    ),
    peer(
      'Scopes have the right form and openid among them; claims; locales',
      'MO:as-2.5; OF:CheckDiscEndpointScopes*, …ClaimsSupported, …Locales*',
      inPart('that they are lists of texts; not which', 'discovery.required-fields'),
    ),
    peer(
      'Support for client ID metadata documents is flagged',
      'CF:authorization-server-metadata-cimd, MO:client-reg-2.1',
      notCovered('the oidc app has no client ID metadata documents'),
    ),
    peer(
      'Ways and algorithms of client authentication, private_key_jwt among them',
      'MO:pkjwt-1.0/1.0.1; OF:*SigningAlgValuesSupported',
      inPart(
        'RS256 is looked for and two ways are tried; private_key_jwt is nothing that the oidc app has',
        'discovery.required-fields',
        'tokens.error.client-auth',
      ),
    ),
    peer(
      'protected_resources lists the server',
      'AP:AUTH_SERVER_PROTECTED_RESOURCES_MISMATCH',
      notCovered('an optional member (RFC 9728 §4) that the oidc app does not have'),
    ),
    peer(
      'The key set is reachable and valid, and has keys',
      'AP:JWKS_*; MO:jwt-5.9/5.10; OF:CheckJwksUri, FetchServerKeys',
      covered('discovery.jwks.shape', 'discovery.endpoints-live'),
    ),
    peer(
      'Schema of the metadata; unknown members are flagged',
      'OF:ValidateServerMetadataAgainstSchema, CheckForUnexpectedParameters…',
      inPart('unknown members are allowed by the texts', 'discovery.required-fields'),
    ),
  ],
}
