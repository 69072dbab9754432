/** Deliberate faults of the embedded Nextcloud: id to the one thing it does wrong. */
export const NEXTCLOUD_MUTANTS = {
  'n-discovery-html': 'the OpenID discovery document is answered with the login page',
  'n-8414-diverges': 'the RFC 8414 document names another token_endpoint than the OpenID document',
  'n-issuer-trailing-slash': 'the discovery document names the issuer with a trailing slash',
  'n-issuer-from-forwarded-host': 'the issuer is built from any X-Forwarded-Host',
  'n-discovery-no-jwks-uri': 'the discovery document lacks jwks_uri',
  'n-userinfo-url-wrong': 'the discovery document names a userinfo_endpoint that is not there',
  'n-pkce-not-advertised': 'the discovery document lacks code_challenge_methods_supported',
  'n-dcr-endpoint-hidden': 'registration works but registration_endpoint is not advertised',
  'n-dcr-advertised-when-off': 'registration_endpoint is advertised while registration is off',
  'n-dcr-wrong-key-honoured': 'allow_dynamic_client_registration switches registration on',
  'n-jwks-private-member':
    'the key set has one more key, with its private members, for whoever does not ask for its media type',
  'n-reg-no-secret-expiry': 'the registration response lacks client_secret_expires_at',
  'n-reg-returns-existing':
    'software that registers again with the same metadata gets the first client, secret included',
  'n-reg-expiry-late': 'a client keeps working after its end',
  'n-reg-accepts-no-redirect': 'a client without a redirect URI is registered',
  'n-reg-accepts-javascript-uri': 'a javascript: redirect URI is registered',
  'n-dcr-open-when-off': 'clients are registered although registration is off',
  'n-cap-unlimited': 'there is no limit to the number of dynamic clients',
  'n-no-throttle': 'neither registrations nor wrong registration tokens are ever limited',
  'n-mgmt-wrong-client': 'reading a client returns one with another redirect URI that was registered later',
  'n-mgmt-no-auth': 'a client is read without its registration access token',
  'n-mgmt-delete-keeps-tokens': 'the access tokens of a deleted client live on',
  'n-propagation-lag': 'a freshly registered client becomes visible only after 800 ms',
  'n-code-in-fragment': 'the authorization code is returned in the fragment',
  'n-pkce-verifier-optional': 'the token endpoint accepts a missing code_verifier',
  'n-open-redirect': 'an unregistered redirect_uri receives the error redirect',
  'n-code-replay': 'an authorization code can be exchanged again and again',
  'n-code-as-refresh-token': 'an unused authorization code is accepted as refresh_token',
  'n-deny-issues-code': 'denying consent issues a code all the same',
  'n-jwt-missing-client-id': 'JWT access tokens lack client_id',
  'n-userinfo-200-on-invalid': 'userinfo answers an invalid token with 200 and an empty object',
} as const

export type NextcloudMutant = keyof typeof NEXTCLOUD_MUTANTS
