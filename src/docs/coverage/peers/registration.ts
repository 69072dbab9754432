import { covered, inPart, notCovered } from '../row.js'
import { peer, type PeerGroup } from './peer.js'

const NO_CLIENT_DOCUMENTS = 'the oidc app has no client ID metadata documents'

export const registrationGroup: PeerGroup = {
  title: 'Client registration',
  checks: [
    peer(
      '201 with client_id',
      'MO:client-reg-3.2, CF:client-registration, SD:dcr_register_and_delete_lifecycle, OF:CallDynamicRegistrationEndpoint',
      covered('registration.success-fields'),
    ),
    peer(
      'application_type is handled for native loopback clients',
      'CF:sep-837-application-type-present',
      covered('registration.application-type', 'registration.redirect-uri.schemes'),
    ),
    peer(
      'Registered for codes alone, then with the refresh grant',
      'MO:dcr-3.2a, CF:sep-2207-client-metadata-grant-types',
      inPart('a registration that names the refresh grant', 'registration.success-fields'),
    ),
    peer(
      'Members of RFC 7592, the management URI absolute',
      'MO:client-reg-3.2.1, SD:dcr_proxy_returns_rfc7592_fields, new_dcr_registration_includes_access_token',
      covered('registration.management.read'),
    ),
    peer(
      'A client reads, updates and deletes its own registration',
      'SD:dcr_lifecycle, dcr_client_deletion_via_keycloak; OF:CallClientConfigurationEndpoint…',
      inPart(
        'an update with the right token',
        'registration.management.read',
        'registration.management.delete',
      ),
    ),
    peer(
      'Deletion is refused to wrong credentials, for an unknown id, and can be repeated; each way to authenticate',
      'SD:dcr_delete_with_wrong_credentials, …nonexistent, …idempotent, …authentication_methods',
      inPart(
        'an unknown id; after a deletion the client is read, not deleted again',
        'registration.management.auth',
        'registration.management.delete',
      ),
    ),
    peer(
      'A plain http redirect off loopback is refused',
      'AP:DCR_HTTP_REDIRECT_ACCEPTED, MJ:oauth_dcr_http_redirect_uri',
      covered('registration.redirect-uri.schemes'),
    ),
    peer(
      'javascript:, data: and the like are refused',
      'AP:DCR_DANGEROUS_URI_ACCEPTED',
      covered('registration.redirect-uri.schemes'),
    ),
    peer(
      'Empty or missing redirect_uris are refused',
      'AP:DCR_EMPTY_REDIRECT_URIS_ACCEPTED; OF:RemoveRedirectUrisFrom…',
      covered('registration.error.invalid-metadata'),
    ),
    peer(
      'A redirect URI with a fragment is refused',
      'OF:oidcc-redirect-uri-regfrag',
      covered('registration.redirect-uri.schemes'),
    ),
    peer(
      'What is done with loopback redirects is known',
      'AP:DCR_LOCALHOST_REDIRECT_ACCEPTED',
      covered('registration.redirect-uri.schemes', 'authz.redirect-uri.exact'),
    ),
    peer(
      'Registration by anybody is deliberate',
      'AP:DCR_ENDPOINT_OPEN',
      covered('registration.disabled-refused', 'registration.throttling', 'registration.cap'),
    ),
    peer(
      'Granted scopes are among those asked for, and hold the required ones',
      'OF:CheckScopesFromDynamicRegistrationEndpoint*',
      covered('authz.scope.narrowing', 'tokens.response.scope-when-narrowed'),
    ),
    peer(
      'The type of token that was asked for (JWT or opaque) is issued',
      'SD:dcr_respects_jwt_token_type, …bearer…',
      inPart('that what is issued as opaque is no JWT', 'tokens.jwt.profile'),
    ),
    peer(
      'A fresh client works at the authorization endpoint',
      'SD:dcr_client_accepted_by_authorize',
      covered('race.first-use.authorize'),
    ),
    peer(
      'An unknown client is refused at both endpoints',
      'SD:authorize_rejects_unknown_client, MJ:oauth_invalid_client, JX:invalid client',
      covered('authz.error.redirect', 'race.probe.authorize', 'tokens.error.client-auth'),
    ),
    peer(
      'A client ID metadata document is fetched, validated and used as id',
      'CF:cimd-client-id-used, MO:client-reg-2.2..2.7, MJ:cimd_*',
      notCovered(NO_CLIENT_DOCUMENTS),
    ),
    peer(
      'The way with a client that was registered before',
      'CF:pre-registration-auth, MO:client-reg-1.*',
      inPart(
        "the server's own client; an MCP client's is client behaviour",
        'registration.preconfigured-wins',
      ),
    ),
    peer(
      'Metadata for pages, keys and sectors: logo, policy, terms, jwks, sector_identifier_uri',
      'OF:oidcc-registration-*',
      notCovered('OpenID Connect metadata that no text of MCP asks for'),
    ),
    peer(
      'A client registers anew when the authorization server changes, and shows its credentials to no other',
      'CF:sep-2352-*',
      covered('registration.store.issuer-bound'),
    ),
  ],
}
