import type { Explanations } from '../explanation.js'

/** What the pages say of how tokens are looked up, revoked and verified. */
export const TOKEN_USE: Explanations = {
  'tokens.userinfo.subject': {
    why:
      'Servers act in the name of `sub`. If it is an e-mail address here and a display name there, a ' +
      "user's notes end up with somebody else, or a server cannot tell whose token it has.",
    observed:
      "alice's `sub` is read from userinfo, her ID token and her JWT access token, and, where a user can " +
      'be created, that of one whose id holds a space, an apostrophe, an @ and other signs. All must be ' +
      'the same, and equal the Nextcloud user id.',
    failure:
      'Custom claims or a patched app map `sub` to the mail address or display name; ids of LDAP or SAML ' +
      'users are shown decoded in one place and encoded in another.',
    fix:
      'In Nextcloud, keep `sub` as the user id and put other names into claims of their own (`occ ' +
      'oidc:create-claim`). A server should use `sub` as it is, URL-encode it where it goes into a path ' +
      '(`encodeURIComponent`, `urllib.parse.quote(sub, safe="")`), and refuse a userinfo answer whose ' +
      '`sub` is not that of the token: the third argument of `fetchUserInfo` in openid-client.',
  },
  'tokens.userinfo.claims-by-scope': {
    why:
      'Somebody who consented to a login alone has not given away name, mail address, groups and quota ' +
      'to every server that holds a token.',
    observed:
      'Six tokens of one client, from openid alone to profile with email, are shown to userinfo. Each ' +
      'answer must hold the claims of its scope (name, email where known, roles, groups) and none of the ' +
      'others; `preferred_username` is fine everywhere as long as it is the user id.',
    failure:
      'A setting or patch that always includes all claims for the convenience of one client, or custom ' +
      'claims bound to a scope that everybody asks for. A claim is missing where the user has no mail ' +
      'address, or where a patch dropped it.',
    fix:
      'In the app, build the answer claim by claim from the granted scope, and create custom claims with ' +
      'the narrowest scope. A server should ask for no more scope than it uses, take only the claims ' +
      'that it needs from the answer, and neither store nor log the whole of it.',
  },
  'tokens.userinfo.invalid-token': {
    why:
      'Servers that ask userinfo whether a token is good live by its refusals. A 200 for a dead token ' +
      'lets a removed client in; a 400 that libraries take for a fault of the request, or for an outage, ' +
      'keeps users out with the wrong advice.',
    observed:
      'Userinfo is asked without a token, with an unknown one, a JWT with a broken signature, and, on an ' +
      'embedded Nextcloud, an expired token and one of a deleted client. Each must be 401 with a Bearer ' +
      'challenge, naming `invalid_token` where a token was sent; a living token must be answered.',
    failure:
      "Nextcloud's oidc app answers every one of these with 400 and no `WWW-Authenticate`: " +
      '`invalid_request`, or `expired_client` and `invalid_grant` where a life is over.',
    fix:
      'In the app, answer 401 with `WWW-Authenticate: Bearer error="invalid_token"`. A server must treat ' +
      '400, 401 and 403 of userinfo as "token invalid" and answer its own client 401, and treat 5xx, 429 ' +
      'and network errors as "cannot tell", with 503: catching everything in one block gets one of the ' +
      'two wrong.',
  },
  'tokens.introspection.contract': {
    why:
      'Introspection is the only way to ask for whom an opaque token was issued. Open to anybody, it is ' +
      'a place to try out tokens; one that calls a foreign or dead token active lets it into your server.',
    observed:
      'A client introspects its own token, which must be active. Then without credentials, with a wrong ' +
      "secret and as an unknown client, which must be 401; and an unknown, another client's and " +
      '(embedded) an expired token, which must be 200 with `active` false and nothing else.',
    failure:
      "Nextcloud's 401 has no `WWW-Authenticate` (a warning here), so HTTP libraries that send " +
      'credentials only after a challenge never send any. Home-made endpoints answer 404 for unknown ' +
      'tokens or skip authentication "inside the network".',
    fix:
      'In the app, add `WWW-Authenticate: Basic` to the 401. A server sends its credentials at once, in ' +
      'the body (`tokenIntrospection` of openid-client with `ClientSecretPost`), registers its client ' +
      'with `resource_url` so that tokens for itself are shown to it, treats `active === true` alone as ' +
      "good, and its own 401 as a fault of its client, not of the user's token.",
  },
  'tokens.revoked-are-dead': {
    why:
      'Somebody who takes a consent back, or an administrator who removes a client, wants its access to ' +
      'end now. A token that goes on working for its lifetime, or is renewed, makes the button a lie.',
    observed:
      "For opaque tokens and JWTs of clients of their own, alice's consent is revoked, and in a second " +
      'round the client is deleted. Afterwards userinfo, the OCS API and the refresh grant must all ' +
      'refuse, while a token of another client of hers still works.',
    failure:
      'The oidc app removes tokens with the consent since 2.0.4. Bearer validation on the APIs accepts a ' +
      'JWT without its row as long as its `aud` is an existing client id, so that JWTs without ' +
      '`resource` outlive what was revoked; those with a resource audience do not.',
    fix:
      'In Nextcloud, let the APIs accept only tokens that are still stored. A server should ask for ' +
      'tokens with `resource`, keep results of validation for seconds to a minute and not until `exp`, ' +
      'and drop its cache entry when Nextcloud refuses a call with that token; verifying JWTs locally ' +
      'means noticing revocation at `exp` only, so keep `expire_time` short.',
  },
  'tokens.verify.alg-none': {
    why:
      "A token that nobody signed is one that anybody can write: any user's name in `sub`, and your " +
      'server acts for them.',
    observed:
      'A good JWT (accepted, as control) is sent again with `alg` `none` in four spellings, without ' +
      '`kid`, with the old signature, without its last part, without `alg`, and as `RS256` with an empty ' +
      'signature. Every one must be refused with 401.',
    failure:
      'The token is decoded rather than verified (`jwt-decode`, `decodeJwt` of jose, `verify_signature: ' +
      'False` in PyJWT) on one of several paths; hand-written code that compares `alg` with `"none"` in ' +
      'one spelling; or a missing `alg` that falls to a default.',
    fix:
      'Give the verifier a list of algorithms and nothing else decides: `jwtVerify(token, keys, { ' +
      'algorithms: ["RS256"], issuer, audience, typ: "at+jwt" })` in jose, `jwt.decode(token, key, ' +
      'algorithms=["RS256"], …)` in PyJWT. Keep `decodeJwt` and `jwt.decode` without key out of the code ' +
      'that grants access, and answer 401 for every error that verification throws.',
  },
  'tokens.verify.hs-confusion': {
    why:
      'The public key is public. A verifier that lets the token choose `HS256` takes that key for a ' +
      'shared secret, and everybody can sign tokens for any user.',
    observed:
      "A good token's claims are signed with `HS256` and keyed with the provider's public key as PEM " +
      "(three forms), as DER, with its modulus in two forms, and with another client's secret. Every one " +
      'must be refused with 401; the `RS256` original must be accepted.',
    failure:
      '`verify(token, key)` of an old library without an `algorithms` argument; algorithms taken from ' +
      "the token's header or from `id_token_signing_alg_values_supported`, which lists `HS256` at " +
      'Nextcloud; one function for both RSA and HMAC keys.',
    fix:
      'Write `algorithms: ["RS256"]` as a constant, do not compute it from metadata. ' +
      "`createRemoteJWKSet` of jose yields RSA keys that cannot be used for HMAC; PyJWT's `PyJWKClient` " +
      'with `algorithms=["RS256"]` and Authlib\'s `JsonWebToken(["RS256"])` do the same. A client secret ' +
      'must never be a key for access tokens.',
  },
  'tokens.verify.foreign-key': {
    why:
      'A token that brings its own key, or says where to fetch it, proves only that its author has a ' +
      'key. Fetching that address also lets strangers make your server send requests into your network.',
    observed:
      "A stranger's key signs otherwise good claims: with its own `kid`, with the provider's `kid`, " +
      'without `kid`, with `jwk` in the header, and with `jku` or `x5u` that point to a listener. Every ' +
      'one must be refused with 401, and the listener must not be asked for anything.',
    failure:
      'Header members `jwk`, `jku` or `x5u` are honoured because a library offers it (`EmbeddedJWK` of ' +
      'jose, a key-lookup callback that reads the header); a cache of keys that takes the first key when ' +
      "the `kid` is unknown; issuer discovery from the token's own `iss`.",
    fix:
      'Take keys from the `jwks_uri` of the configured issuer only: `createRemoteJWKSet(new ' +
      'URL(metadata.jwks_uri))` or `PyJWKClient(jwks_uri)`, made once at the start. Do not build the URL ' +
      'from `iss`, `jku` or `kid` of the token. On an unknown `kid` refetch that one key set, at most ' +
      'once per cooldown (`cooldownDuration`, 30 s in jose), and refuse.',
  },
  'tokens.verify.exp-nbf': {
    why:
      'Its lifetime is what limits the harm of a token that was seen by somebody else. A token without a ' +
      'usable end is good for ever.',
    observed:
      'Otherwise good JWTs, freshly signed: `exp` five minutes or more in the past (beyond the allowed ' +
      'skew), missing, a string, negative, and `nbf` as far ahead. Each must be refused with 401; a ' +
      'token that ended within half the allowed skew is recorded only.',
    failure:
      'jose and PyJWT check `exp` only if it is there, unless told that it is required, and PyJWT turns ' +
      'a numeric string into a number. Also: a leeway of an hour against clock drift, `exp` compared in ' +
      'milliseconds, and a cache that answers before the check.',
    fix:
      'jose: `requiredClaims: ["exp", "iat", "sub"]`, `clockTolerance` of 30 s or so; it refuses a ' +
      'string by itself. PyJWT: `options={"require": ["exp", "iat", "sub"]}`, `leeway=30`, and ' +
      '`isinstance(claims["exp"], int)` afterwards. In the MCP SDK set `expiresAt` of `AuthInfo` from ' +
      '`exp`: `requireBearerAuth` refuses a token without it. Do not take `exp` of an unverified token ' +
      'for the life of a cache entry.',
  },
  'tokens.verify.audience-exact': {
    why:
      'An audience that is compared in part is one for which somebody else can run a server: a token ' +
      "that a user gave to `https://your.host.evil.example` then opens your server, in that user's name.",
    observed:
      'Otherwise good JWTs whose `aud` is missing, empty, a list of other addresses, or nearly the ' +
      "server's address (more behind it, a longer host, the host as user name, the address inside a " +
      'query, a list of these). Each must be refused with 401; the address itself, alone or in a list ' +
      'with others, must be accepted. The origin alone, another path of the host and a slash more are ' +
      'recorded only.',
    failure:
      '`startsWith` or `includes` on the text of `aud`, with a list turned into one string by the ' +
      'comparison; a regular expression with unescaped dots; or a test that runs only if there is an ' +
      '`aud`.',
    fix:
      'Give the verifier the identifier itself: `audience: resource` in `jwtVerify` of jose, ' +
      '`audience=resource` in `jwt.decode` of PyJWT; both take text and list, compare whole entries and ' +
      'refuse a token without `aud`. By hand: `[aud].flat().includes(resource)` on the list, never on a ' +
      'string. Use the same constant as for `resource` in your protected resource metadata.',
  },
  'tokens.verify.token-type': {
    why:
      'ID tokens are signed with the same key and travel further: into front ends, logs, other ' +
      'applications. If one passes as an access token, everybody who was shown a login has access to the ' +
      "user's data.",
    observed:
      'A real ID token of alice is sent as bearer and must be refused with 401. Where the server can be ' +
      'started anew and takes JWTs, otherwise good tokens with `typ` `JWT`, `logout+jwt` and none must ' +
      'be refused, and `at+jwt`, `application/at+jwt` and `at+JWT` accepted.',
    failure:
      "Only signature, `iss` and `exp` are verified, and an `aud` that is the client's own id is " +
      'accepted; or `typ` is compared exactly with `"at+jwt"`, while Nextcloud writes `at+JWT`.',
    fix:
      'jose: `typ: "at+jwt"` in `jwtVerify`, which ignores case and the prefix application/. In Python: ' +
      '`jwt.get_unverified_header(token).get("typ", "").lower().removeprefix("application/") == ' +
      '"at+jwt"`, besides `jwt.decode`. Require `aud` to be your resource identifier, which no ID token ' +
      'carries, and `client_id`, which ID tokens lack.',
  },
  'tokens.verify.no-fallback-bypass': {
    why:
      'Asking Nextcloud is meant for opaque tokens. Used as a second chance for JWTs that failed, it ' +
      'undoes the first verdict: expired tokens, tokens for other servers and tampered ones come in ' +
      'whenever somebody upstream says yes.',
    observed:
      'JWTs that are expired, for another audience, of another issuer, or with a broken signature are ' +
      'presented to the server while userinfo and introspection of its Nextcloud are made to vouch for ' +
      'them. All must be refused with 401. A good JWT that only verifies locally must be accepted, ' +
      'otherwise nothing is judged.',
    failure:
      '`try { verifyJwt() } catch { return askUserinfo() }`: the catch does not tell "not a JWT" from "a ' +
      'bad JWT". Chains of verifiers that take the first yes have the same effect, and so do caches ' +
      'shared by both paths.',
    fix:
      'Decide by form, once: three base64url parts with a JSON header that has `alg` is a JWT, verified ' +
      'locally, and its failure is final; anything else goes to introspection or userinfo. In jose a ' +
      '`JWKSTimeout`, a network error and the plain `JOSEError` of a failed key set request (code ' +
      '`ERR_JOSE_GENERIC`) mean "cannot tell" (503), its other errors 401. Cache under a hash of the ' +
      'token together with the way it was judged.',
  },
}
