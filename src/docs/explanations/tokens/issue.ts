import type { Explanations } from '../explanation.js'

/** What the pages say of how tokens are issued, bound and renewed. */
export const TOKEN_ISSUE: Explanations = {
  'tokens.response.fields': {
    why:
      'A cached token response hands tokens to whoever asks the cache; a guessable token needs no theft ' +
      'at all. A client that finds `expires_in` as text or no ID token gives up in the middle of a login.',
    observed:
      'Four logins, each followed by four refreshes where a refresh token comes. Looked at: 200, ' +
      '`application/json`, `Cache-Control` with `no-store`, `token_type` Bearer, a numeric `expires_in`; ' +
      'an ID token that a published key verifies, with the right `iss`, `aud`, `nonce`, times and `sub`; ' +
      'and tokens that never repeat and leave room for 128 bits.',
    failure:
      'A proxy or CDN rule that overwrites `Cache-Control` for everything below `/apps`; issuer and ' +
      'discovery under different host names, so that `iss` does not fit; server clocks that drift; a ' +
      'token format set up with a shorter random part.',
    fix:
      "Leave the app's headers alone in the proxy, use one public host name, run NTP. In the app, take " +
      '72 characters from `ISecureRandom` and send `no-store` on errors too. A server that logs people ' +
      'in should use `authorizationCodeGrant` of openid-client with `expectedNonce`, which verifies the ' +
      'ID token, and never put a shared cache before token requests.',
  },
  'tokens.response.scope-when-narrowed': {
    why:
      'A client that is not told goes on as if it had what it asked for; its tools fail later, one by ' +
      'one, with refusals that nobody connects to the login.',
    observed:
      'A client that is registered for `openid profile` asks for email too and gets a token. What was ' +
      'really granted is read from introspection, else from userinfo; the `scope` member of the token ' +
      'response must name exactly that.',
    failure:
      "Nextcloud's oidc app (2.0.9) narrows the scope and never sends `scope` in a token response. " +
      'Others return the scope that was asked for rather than the one that was granted.',
    fix:
      'In the app, add `scope` to the response from the stored, granted value. Until then a server that ' +
      'logs users in should read the granted scope from introspection or the `scope` member of userinfo ' +
      'right after the exchange, and tell the user which tools will be missing; a resource server reads ' +
      'it from each token anyway.',
  },
  'tokens.lifetime.honest': {
    why:
      'Servers cache what they learned about a token until the announced end, and users are told that ' +
      'access ends then. Tokens that live longer make a stolen one useful for longer than anybody ' +
      'reckons with.',
    observed:
      '`expire_time` is set to ten minutes (seconds on a real clock). An opaque token and a JWT are ' +
      'shown to userinfo and introspection well before that end, when both must say yes, and a quarter ' +
      'of the life or more after it, when both must say no; `exp` of introspection must not lie behind ' +
      '`expires_in`, and `exp - iat` of the JWT must equal it.',
    failure:
      "Nextcloud's oidc app counts the life of an opaque token from its announced end, so that userinfo " +
      "and introspection honour it for twice `expires_in`, and introspection's `exp` lies as far behind. " +
      '`exp` inside a JWT is right.',
    fix:
      'In the app, store the moment of issue and compare with issue plus `expire_time` everywhere. A ' +
      'server must not take a 200 of userinfo for "within its time": for JWTs verify `exp`, for opaque ' +
      'tokens limit every cache entry to a minute or so, and let administrators choose a short ' +
      '`expire_time`.',
  },
  'tokens.error.client-auth': {
    why:
      'Where PKCE is not demanded, the client secret is all that stands between somebody who saw a code ' +
      'and the tokens. A wrong answer to a failed authentication misleads clients into dropping good ' +
      'tokens or retrying with the same bad secret.',
    observed:
      "Fresh codes are sent with a wrong secret, an unknown client and another client's secret, each in " +
      'the body and by HTTP Basic. No tokens may come; expected are 400 or 401 with `invalid_client`, ' +
      'and for Basic 401 with a Basic challenge. The right credentials must work both ways.',
    failure:
      'Nextcloud answers a failed Basic with 400 and no challenge since 2.0.9. Before, its core took the ' +
      "header for a user's login: 401 with an empty message, and a failed login counted against the " +
      'address, up to a lockout of everybody behind one proxy.',
    fix:
      'In the app, answer 401 with `WWW-Authenticate: Basic` when credentials came in that header. A ' +
      'server should authenticate in the body: `ClientSecretPost` of openid-client, `client_secret_post` ' +
      'in Authlib, never both at once, since Nextcloud ignores Basic when `client_id` is in the body. ' +
      'Treat 400 and 401 with `invalid_client` alike.',
  },
  'tokens.error.grant-type': {
    why:
      "A password grant would take users' passwords past the login page, the second factor and consent, " +
      'and a `client_credentials` grant would give tokens for nobody. An unclear refusal makes clients ' +
      'discard good refresh tokens.',
    observed:
      "The token endpoint gets `grant_type` `password` with alice's real password, `client_credentials`, " +
      'and an invented URN, with good client credentials. None may bring tokens, and each should be 400 ' +
      '`unsupported_grant_type`; a code of the same client must work.',
    failure:
      "Nextcloud's oidc app refuses all of them with `invalid_grant`. Other providers have the password " +
      'grant on by default for "legacy apps".',
    fix:
      'In the app, answer `unsupported_grant_type` for anything but the two grants. A server or client ' +
      'should not read `invalid_grant` alone as "log in again": check first that its own request was ' +
      'well formed (`grant_type` spelt `authorization_code` or `refresh_token`), and never ask users for ' +
      'their Nextcloud password to get tokens.',
  },
  'tokens.jwt.profile': {
    why:
      'A server that verifies tokens by itself depends on these claims: without `iss` and `aud` it ' +
      'cannot tell foreign tokens, without `client_id` it cannot tell who asks, and without `typ` an ID ' +
      'token passes as an access token.',
    observed:
      'JWT access tokens of six logins and one refresh. Looked at: an asymmetric `alg`, `typ` `at+jwt`, ' +
      'a `kid` that is in the key set, a signature that verifies; `iss`, `exp`, `aud`, `sub`, ' +
      '`client_id`, `iat` and `jti`, with the right values; `scope` as advice; and a `jti` of its own in ' +
      'each token.',
    failure:
      "Nextcloud's `jti` is the number of a database row, so a refreshed token has that of its " +
      'predecessor. A client registered with `id_token_signed_response_alg` other than `RS256` gets ' +
      '`HS256`, signed with its own secret, which no other server can verify.',
    fix:
      'In the app, draw `jti` at random for each token. Servers: do not use `jti` to list revoked tokens ' +
      'or as a cache key, hash the whole token instead; and tell clients to register with ' +
      '`id_token_signed_response_alg` `RS256` and `token_type` `jwt`, as tokens are opaque by default.',
  },
  'tokens.audience.resource': {
    why:
      'The audience keeps a token for one MCP server from opening another. If the provider ignores what ' +
      'was asked for, either every server accepts every token or none accepts any.',
    observed:
      'A JWT is asked for with `resource=https://mcp.example/mcp`, and its `aud` must name that. Two ' +
      'tokens without resource must have one and the same audience; a token request with another ' +
      'resource must not widen it; and introspection must name the resource in `aud` and say active to a ' +
      'client registered with that `resource_url`.',
    failure:
      "The oidc app puts the resource into a JWT's `aud`, but introspection always names the owning " +
      "client. Without resource the audience is the client's `resource_url` or its id; before 1.13 a " +
      'constant (`https://rs.local/` by default).',
    fix:
      'In the app, answer introspection with the stored resource. A server should register its own ' +
      'client with `resource_url` equal to its resource identifier: introspection then says active for ' +
      'tokens of that resource alone, which replaces reading `aud`. For JWTs give `jwtVerify` of jose ' +
      'the option `audience`, or `expectedResource` to `requireBearerAuth` of a recent MCP SDK for ' +
      'TypeScript.',
  },
  'tokens.resource.invalid': {
    why:
      'A relative or fragmented resource can be read as two things: one server sees its own name in it, ' +
      'another does not. An audience that anybody can choose freely invites sloppy comparisons to be ' +
      'fooled.',
    observed:
      'After a good resource as control, `resource=relative/path` and ' +
      '`resource=https://mcp.example/mcp#part` are asked for. Both should be refused with ' +
      '`invalid_target`, at authorize or at the token endpoint.',
    failure:
      "Nextcloud's oidc app takes any text up to the length of its column as resource, and writes it " +
      'into `aud` as it came.',
    fix:
      'In the app, accept absolute URIs without fragment only, and redirect with `invalid_target` ' +
      'otherwise. A server must compare `aud` with its resource identifier as a whole: no `startsWith`, ' +
      'no dropping of what follows # or ?; only scheme and host may be brought to lower case first, on ' +
      'both sides. The `audience` option of jose and the `audience` argument of PyJWT compare whole ' +
      'strings.',
  },
  'tokens.refresh.rotation': {
    why:
      'A refresh token that stays good after its use is a password without end: whoever copied it once ' +
      'renews access for as long as they like, and no collision ever shows it.',
    observed:
      'A login with `offline_access`, then a refresh. It must give a new access token that userinfo ' +
      'knows and a new refresh token, with the scope unchanged; then the old refresh token is sent again ' +
      'and must buy nothing.',
    failure:
      'The refresh answer repeats the old token, or a grace period for lost answers was made endless. ' +
      "Nextcloud's app rotates; before 1.12 a refresh token comes always, since then only with the scope " +
      '`offline_access`.',
    fix:
      'In the app, replace hash and token in one UPDATE that names the old hash. A client or server that ' +
      'holds refresh tokens must store the new one before it uses the new access token, and must send ' +
      'one refresh at a time (a shared promise or lock per user), since the slower of two parallel ' +
      'refreshes loses its session.',
  },
  'tokens.refresh.rotation-public': {
    why:
      'A client without a secret proves nothing when it refreshes: the refresh token alone is enough, ' +
      'for whoever has it. Rotation is what ends a stolen copy, since thief and owner cannot both use it.',
    observed:
      'A client is registered with `token_endpoint_auth_method` `none` and logs alice in with ' +
      '`offline_access`. Its refresh must give another refresh token, and the first one, sent again, ' +
      'must buy nothing. Where registration gives confidential clients only, or public ones get no ' +
      'refresh token, the check does not apply.',
    failure:
      'The released oidc app answers such a registration with `client_secret_post` and a secret, so it ' +
      'is not judged there. Elsewhere rotation is tied to the client authentication and skipped for ' +
      'public clients, or a reuse window for lost answers has no end.',
    fix:
      'In a provider, rotate for every client and end all tokens of the login when an old refresh token ' +
      'comes back. Meanwhile a server author should not hand refresh tokens to front ends or ' +
      'command-line clients of their own, should keep the grant on the server with a confidential ' +
      'client, and must read `token_endpoint_auth_method` and `client_secret` from the answer, since ' +
      'asking for `none` does not make a client public.',
  },
  'tokens.refresh.binding': {
    why:
      'A refresh token of one client in the hands of another, an access token that passes for a refresh ' +
      'token, or a refresh that adds scope: each turns a small leak into lasting or wider access than ' +
      'the user granted.',
    observed:
      "A refresh token is sent with another client's good credentials, an access token is sent as " +
      '`refresh_token`, and a refresh asks for profile and email beyond what was granted. The first two ' +
      'should get 400 `invalid_grant`; the last may be refused or ignored, but neither the answer nor ' +
      'userinfo may show the added scope.',
    failure:
      'The token is looked up first and the owner never compared, or all tokens live in one table that ' +
      'is searched by value. Version 1.9.0 refuses with `invalid_request` or `invalid_client`.',
    fix:
      'In the app, compare the owner before anything is rotated, and take the scope from the stored ' +
      'grant. A client must keep refresh tokens together with client id and issuer, and start a new ' +
      'login on `invalid_grant`, `invalid_client` and `invalid_request` alike when a refresh fails on an ' +
      'older Nextcloud.',
  },
}
