/**
 * Where oidc versions differ on the wire, as switches that handlers read. `true` means the deviating
 * behaviour. A handler never asks for a profile by name.
 */
export interface ProfileQuirks {
  // What a version does not have.
  /** There is no introspection endpoint. */
  readonly noIntrospection: boolean
  /** There is no client configuration endpoint, and registration knows neither scope, token_type nor resource_url. */
  readonly bareRegistration: boolean
  /** Users are never asked for consent. */
  readonly noConsent: boolean
  /** PKCE parameters are ignored, and not advertised unless `discoveryPkcePatch` is applied. */
  readonly noPkce: boolean
  /** There is no authorization server metadata document (RFC 8414). */
  readonly noOAuthMetadata: boolean
  /** Authorization responses name no issuer (RFC 9207). */
  readonly noIssuerInResponse: boolean

  // Registration and its management.
  /** Redirect URIs and other client metadata are registered unseen; what is not supported is replaced. */
  readonly metadataUnchecked: boolean
  /** The limit of dynamic clients is not kept, as on SQLite. */
  readonly dynamicClientsUnlimited: boolean
  /** Reading a client's configuration does not return its registration access token. */
  readonly registrationTokenNotRead: boolean

  // The authorization endpoint.
  /** How a requested redirect URI is compared with registered ones. */
  readonly redirectUris: 'exact' | 'pattern' | 'exact-but-loopback-port'
  /** Authorization parameters survive the login in the session only; later requests inherit what they leave out. */
  readonly requestKeptInSession: boolean
  /** A page about an unknown client or a foreign redirect URI has status 200. */
  readonly errorPagesAre200: boolean
  /** A parameter that is sent twice counts once, the last one. */
  readonly repeatedParametersAccepted: boolean
  /** Some error codes are none that a specification registers. */
  readonly unregisteredErrors: boolean
  /** PKCE is never demanded, the method `plain` is accepted, and a verifier without a challenge is ignored. */
  readonly weakPkce: boolean
  /** `resource` may be any text, and the token endpoint ignores it. */
  readonly resourceUnchecked: boolean
  /** A request of which no scope is allowed gets the default scopes instead of `invalid_scope`. */
  readonly scopeFallsBack: boolean
  /** `prompt=none` may lead to the consent page, and `prompt=consent` need not. */
  readonly promptIgnoredByConsent: boolean
  /** Responses carry an empty `state` where the request had none. */
  readonly stateInvented: boolean
  /** Denied consent in a browser ends at the dashboard: the page's CSP blocks the way to the client. */
  readonly denialLostInBrowser: boolean

  // The token endpoint.
  /** What a token request is judged by first: the client, the grant, or the one row that grant and token share. */
  readonly tokenRequests: 'client-first' | 'grant-first' | 'one-row'
  /** Basic client credentials are taken for a user's by Nextcloud before the app sees them. */
  readonly basicClientLogin: boolean
  /** An unused authorization code is accepted as refresh_token (bypasses PKCE). */
  readonly codeAcceptedAsRefreshToken: boolean
  /** Every token response has a refresh token, whatever the scope. */
  readonly refreshTokenAlways: boolean
  /** Token responses do not tell the granted scope. */
  readonly grantedScopeUntold: boolean
  /** Access tokens live twice as long as `expires_in` says. */
  readonly doubledTokenLife: boolean
  /** Tokens without a `resource` are for this audience; `null` = for their client. */
  readonly defaultAudience: string | null
  /** Characters of a granted scope that are kept. */
  readonly maxScopeLength: number

  // Tokens, userinfo, introspection.
  /** `typ` of JWT access tokens. */
  readonly accessTokenType: 'at+JWT' | 'at+jwt'
  /** JWT access tokens carry profile and email claims, azp and preferred_username. */
  readonly richAccessTokens: boolean
  /** ID tokens carry the claims of their scopes and preferred_username, which also makes them good on the APIs. */
  readonly richIdTokens: boolean
  /** Parts of a name that a user does not have are empty claims. */
  readonly emptyNameClaims: boolean
  /** `Access-Control-Allow-Methods` of userinfo. */
  readonly userinfoCors: 'GET' | 'GET, POST'
  /** Userinfo tells the scope of the token. */
  readonly userinfoTellsScope: boolean
  /** Userinfo refuses with 400 `invalid_request` and no challenge instead of 401 with WWW-Authenticate. */
  readonly userinfoRefusesWith400: boolean
  /** Introspection names the owner as `aud`, whatever the token's resource. */
  readonly introspectionHidesAudience: boolean
  /** The `jti` of a JWT access token is the row id and survives a refresh. */
  readonly jtiSurvivesRefresh: boolean
  /** The APIs take any JWT that the instance signed for a client, and tokens of clients whose life is over. */
  readonly bearerUnchecked: boolean

  // Everywhere.
  /** 401 and 429 answers lack WWW-Authenticate and Retry-After. */
  readonly bareRefusals: boolean
  /** Some malformed input ends in Nextcloud's own 500 (recorded) instead of a 4xx. */
  readonly badInputIs500: boolean
}

/** oidc 2.0.9, August 2026. */
export const QUIRKS_2_0_9: ProfileQuirks = {
  noIntrospection: false,
  bareRegistration: false,
  noConsent: false,
  noPkce: false,
  noOAuthMetadata: true,
  noIssuerInResponse: true,
  metadataUnchecked: true,
  dynamicClientsUnlimited: true,
  registrationTokenNotRead: true,
  redirectUris: 'pattern',
  requestKeptInSession: false,
  errorPagesAre200: true,
  repeatedParametersAccepted: true,
  unregisteredErrors: true,
  weakPkce: true,
  resourceUnchecked: true,
  scopeFallsBack: true,
  promptIgnoredByConsent: true,
  stateInvented: true,
  denialLostInBrowser: true,
  tokenRequests: 'grant-first',
  basicClientLogin: false,
  codeAcceptedAsRefreshToken: true,
  refreshTokenAlways: false,
  grantedScopeUntold: true,
  doubledTokenLife: true,
  defaultAudience: null,
  maxScopeLength: 512,
  accessTokenType: 'at+JWT',
  richAccessTokens: true,
  richIdTokens: false,
  emptyNameClaims: false,
  userinfoCors: 'GET, POST',
  userinfoTellsScope: true,
  userinfoRefusesWith400: true,
  introspectionHidesAudience: true,
  jtiSurvivesRefresh: true,
  bearerUnchecked: true,
  bareRefusals: true,
  badInputIs500: true,
}

/** oidc 1.9.0, September 2025. */
export const QUIRKS_1_9_0: ProfileQuirks = {
  ...QUIRKS_2_0_9,
  noIntrospection: true,
  bareRegistration: true,
  noConsent: true,
  noPkce: true,
  redirectUris: 'exact',
  requestKeptInSession: true,
  tokenRequests: 'one-row',
  basicClientLogin: true,
  refreshTokenAlways: true,
  defaultAudience: 'https://rs.local/',
  maxScopeLength: 128,
  richAccessTokens: false,
  richIdTokens: true,
  emptyNameClaims: true,
  userinfoCors: 'GET',
  userinfoTellsScope: false,
}

/** What the specifications ask for. */
export const QUIRKS_STRICT: ProfileQuirks = {
  noIntrospection: false,
  bareRegistration: false,
  noConsent: false,
  noPkce: false,
  noOAuthMetadata: false,
  noIssuerInResponse: false,
  metadataUnchecked: false,
  dynamicClientsUnlimited: false,
  registrationTokenNotRead: false,
  redirectUris: 'exact-but-loopback-port',
  requestKeptInSession: false,
  errorPagesAre200: false,
  repeatedParametersAccepted: false,
  unregisteredErrors: false,
  weakPkce: false,
  resourceUnchecked: false,
  scopeFallsBack: false,
  promptIgnoredByConsent: false,
  stateInvented: false,
  denialLostInBrowser: false,
  tokenRequests: 'client-first',
  basicClientLogin: false,
  codeAcceptedAsRefreshToken: false,
  refreshTokenAlways: false,
  grantedScopeUntold: false,
  doubledTokenLife: false,
  defaultAudience: null,
  maxScopeLength: 512,
  accessTokenType: 'at+jwt',
  richAccessTokens: true,
  richIdTokens: false,
  emptyNameClaims: false,
  userinfoCors: 'GET, POST',
  userinfoTellsScope: true,
  userinfoRefusesWith400: false,
  introspectionHidesAudience: false,
  jtiSurvivesRefresh: false,
  bearerUnchecked: false,
  bareRefusals: false,
  badInputIs500: false,
}
