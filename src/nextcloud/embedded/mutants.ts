/** Deliberate faults of the embedded Nextcloud: id to the one thing it does wrong. */
export const NEXTCLOUD_MUTANTS = {
  'n-issuer-trailing-slash': 'the discovery document names the issuer with a trailing slash',
  'n-pkce-not-advertised': 'the discovery document lacks code_challenge_methods_supported',
  'n-dcr-endpoint-hidden': 'registration works but registration_endpoint is not advertised',
  'n-reg-no-secret-expiry': 'the registration response lacks client_secret_expires_at',
  'n-propagation-lag': 'a freshly registered client becomes visible only after 800 ms',
  'n-prompt-none-login-first': 'prompt=none leads to the login before the client is looked at',
  'n-redirect-crossover': 'clients that are registered at the same time get the redirect URIs of each other',
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
