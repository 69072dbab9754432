import type { Explanations } from '../explanation.js'

/** What the pages say of codes, PKCE and redirect URIs. */
export const CODES: Explanations = {
  'authz.code-flow': {
    why:
      'This is the login that every MCP client performs. If any step of it breaks, no user of this ' +
      'Nextcloud gets a token for any server.',
    observed:
      'A fresh client sends an authorization request, and the browser (or the form-posting agent) logs ' +
      'alice in and consents. Looked at: the response arrives at exactly the registered redirect URI ' +
      'with `code` and the sent `state` in the query, and the code buys a bearer token.',
    failure:
      'Pages above the login (first-run wizard, terms of service, a two-factor challenge, SSO) that keep ' +
      'the browser; a literal @ in state or redirect URI, which makes Nextcloud forget where the login ' +
      'should lead; a `response_mode` or a patch that moves the code to the fragment; consent in 1.16.0 ' +
      'and 1.16.2, which ends in a 500 page.',
    fix:
      'Update the app, disable what stands between login and redirect for test accounts, and look at the ' +
      'screenshots in the evidence for the page on which it stopped. An MCP server or client should use ' +
      'states of letters, digits, - and _ (`randomState` of openid-client), redirect URIs without @, and ' +
      '`response_type=code` with no `response_mode`.',
  },
  'authz.state.echo': {
    why:
      'The state ties a response to the browser that asked. A client that gets another text back must ' +
      "refuse its own login; one that grew lenient about it can be handed somebody else's code.",
    observed:
      'Authorization requests with states of separators, spaces and plus signs, percent escapes, quotes, ' +
      'slashes and 512 characters, each once with success and once with an error. Each must come back ' +
      'identical after one URL decoding.',
    failure:
      'The value is put into the redirect without encoding (error responses of oidc 1.9.0), decoded ' +
      'twice on its way through the login page, or cut to the length of a column. A web application ' +
      'firewall that rewrites quotes has the same effect.',
    fix:
      'In the app, build redirects with `http_build_query` or `rawurlencode` once and carry the request ' +
      'through login as one encoded value. Until then use a state of base64url characters only, as ' +
      '`randomState` of openid-client gives, and keep what you would have put into it under that key on ' +
      'your own side.',
  },
  'authz.pkce.missing-verifier': {
    why:
      'PKCE is there for the case that a code is seen by others: in a log, a browser history, a second ' +
      'app on the same scheme. If the verifier may be left out, the code alone (with a client secret ' +
      'that is often public in practice) is enough.',
    observed:
      'A code is asked for with an `S256` challenge and redeemed without `code_verifier`, with the ' +
      "client's right credentials. No tokens may come, and the refusal should be 400 `invalid_grant`; a " +
      'second code with its verifier must work.',
    failure:
      'The check runs only if the request brought a verifier (`if ($codeVerifier) …`). oidc 1.9.0 stores ' +
      'no challenge at all, so nothing is compared.',
    fix:
      'Update the oidc app to 1.10.0 or later. In its code, decide by the stored challenge: when there ' +
      'is one, an absent verifier is a failure. A server cannot repair this from outside; it can keep ' +
      'its redirect URI on https or loopback, redeem codes at once, and say which version it needs.',
  },
  'authz.pkce.wrong-verifier': {
    why:
      'A comparison that is only nearly exact lets somebody who holds an intercepted code try variants, ' +
      'or use the verifier of a login of their own.',
    observed:
      "Codes are redeemed with another flow's verifier, with a last character changed (methods `S256` " +
      'and plain), and with verifiers of 42 and 129 characters whose hash is right. None may buy tokens, ' +
      'and 400 `invalid_grant` is expected; the two lengths count as warnings.',
    failure:
      'oidc 1.9.0 ignores PKCE altogether. Home-made comparisons look at a prefix, compare decoded bytes ' +
      'of different lengths, or treat base64 and base64url alike; the syntax of the verifier is often ' +
      'not looked at.',
    fix:
      'In the app, compute `BASE64URL(SHA256(verifier))` and compare with `hash_equals` over the whole, ' +
      'after matching the verifier against `^[A-Za-z0-9._~-]{43,128}$`. A server or client should create ' +
      'verifiers with `randomPKCECodeVerifier` of openid-client or `secrets.token_urlsafe(48)` in ' +
      'Python, both within the limits.',
  },
  'authz.pkce.plain': {
    why:
      'The challenge travels through the browser, where history, extensions and proxies see it. If it ' +
      'can be sent as verifier, or if no method is silently something else, whoever sees the request can ' +
      'use the code.',
    observed:
      'A code of an `S256` request is redeemed with the challenge as verifier, which must fail. A ' +
      'request with the method `S512` must get `error=invalid_request`; a challenge without a method ' +
      'must mean plain or be refused, which is tried with both kinds of verifier.',
    failure:
      'A verifier is compared with the challenge first and hashed only if that fails. The current app ' +
      'takes a missing method for `S256` (a warning); version 1.9.0 does not look at any of it.',
    fix:
      'In the app, keep the method with the code and compare by that method alone; refuse requests that ' +
      'name none, or treat them as plain. Clients and servers should always send ' +
      '`code_challenge_method=S256` explicitly; `calculatePKCECodeChallenge` of openid-client gives the ' +
      'challenge, the method is yours to add.',
  },
  'authz.pkce.required': {
    why:
      'OAuth 2.1 lets no code be issued that is bound to nothing. If the provider demands neither PKCE ' +
      'nor a nonce, a client that forgot both works, and a code injected into its session is good.',
    observed:
      'A request without `code_challenge` and without nonce is sent, and the code, if there is one, ' +
      'redeemed without a verifier. A refusal at either endpoint passes; the same client with PKCE must ' +
      'get tokens.',
    failure:
      "No released version of Nextcloud's oidc app demands PKCE, of public clients neither. The setting " +
      '`proof_key_for_code_exchange` that some guides set is read by none.',
    fix:
      'In the app, refuse an authorization request without `code_challenge` (`error=invalid_request`), ' +
      'at least where there is no nonce. Until then it is up to the client: always send `code_challenge` ' +
      'and `code_challenge_method=S256` plus a nonce, and have a test of your own that fails when your ' +
      'library stops doing so.',
  },
  'authz.pkce.downgrade': {
    why:
      'Whoever can change the authorization request strips the challenge from it, gets a code that is ' +
      "bound to nothing, and injects it into the victim's session. The victim's client sends its " +
      'verifier in good faith, and a provider that ignores it completes the attack.',
    observed:
      'A code is obtained without `code_challenge` (with a nonce, which may excuse that) and redeemed ' +
      'with a valid-looking `code_verifier`. Tokens are a violation; a refusal at either endpoint is ' +
      'right.',
    failure:
      "Nextcloud's app looks at the verifier only if a challenge was stored, as most home-made " +
      'implementations do; 1.9.0 never looks at it.',
    fix:
      'In the token endpoint, refuse with `invalid_grant` when `code_verifier` is there and no challenge ' +
      'was stored. Meanwhile clients must check state and nonce without exception: pass `expectedState` ' +
      'and `expectedNonce` to `authorizationCodeGrant` of openid-client, since these two are what ' +
      'notices a foreign code.',
  },
  'authz.redirect-uri.mismatch': {
    why:
      'If the provider redirects to an address that was not registered, any link to a trusted Nextcloud ' +
      "sends a user's code, or the user, to an attacker's page.",
    observed:
      'A client with one registered URI asks for another path on the same host, without a session ' +
      '(`prompt=none`) and then through login and consent in the browser. Nothing may be redirected ' +
      'there; the registered URI must be. A request without `redirect_uri` is recorded only.',
    failure:
      'The URI is compared only when there is a session, an error response is sent before the ' +
      'comparison, or only host and port are compared "to be flexible".',
    fix:
      'In the app, compare as soon as the client is known, before login and before any error is ' +
      'redirected, and show a page on a mismatch. A server should register the one URI that it uses, and ' +
      'keep no open redirect of its own (`?next=…`) on that host, since a lenient provider turns it into ' +
      'a way out for codes.',
  },
  'authz.redirect-uri.exact': {
    why:
      'Every freedom in the comparison is an address that somebody else may control: another port on a ' +
      'shared host, a path that redirects, a host that only begins like yours.',
    observed:
      'For a registered https and a loopback URI, variants are requested with a session: longer or other ' +
      'paths, dot segments, query, trailing slash, other port, letter case, doubled slash, user ' +
      'information, other hosts and scheme. Each must end without a redirect to it; another loopback ' +
      'port is recorded only.',
    failure:
      "Nextcloud's oidc app parses and compares parts since 1.12: a registered URI without a port " +
      'accepts any port, runs of slashes count once, user information is ignored, and a trailing `/*` is ' +
      'a prefix. 1.9 to 1.11 compare exactly.',
    fix:
      'In the app, compare strings, with the one exception of the loopback port for native apps. Until ' +
      'then register the URI with its port, the default one included ' +
      '(`https://mcp.example.com:443/oauth/callback`), never with a wildcard, and let other paths of ' +
      'that host ignore code and state.',
  },
  'authz.code.single-use': {
    why:
      'Codes end up in browser histories, proxy logs and Referer headers. A code that works twice is ' +
      'worth stealing afterwards; a second use is also the one sign that somebody stole it.',
    observed:
      'A code is redeemed, then redeemed again; a further code is redeemed five times in parallel. Only ' +
      'one success each, `invalid_grant` for the rest; and, as advice, the tokens of the first use must ' +
      'be dead at userinfo after the second.',
    failure:
      'The code is looked up, tokens are made, and only then it is deleted, so that parallel requests ' +
      'all find it. oidc 1.9.0 refuses the second use with `invalid_request` and leaves the first tokens ' +
      'alive.',
    fix:
      'In the app, mark the code as used by one conditional `UPDATE (… WHERE used_at = 0)` and go on ' +
      'only if it changed a row; on reuse delete the tokens of that code. A client must not repeat a ' +
      'token request after a timeout, since the repetition kills what the first one got: start a new ' +
      'login instead.',
  },
  'authz.code.lifetime': {
    why:
      'A code that stays good lies in logs and histories until somebody finds it. Minutes are enough for ' +
      'a login; hours only help whoever reads the logs.',
    observed:
      'With default settings a code is redeemed after ten minutes and a second (on instances without a ' +
      'settable clock `expires_in` is read instead), which is a warning if it works. Then `expire_time` ' +
      'is set to five seconds, and a code must be refused with 400 `invalid_grant` once that has passed.',
    failure:
      "Nextcloud's oidc app has one setting, `expire_time`, for codes and access tokens; its default of " +
      '900 s gives codes fifteen minutes. Setting it to an hour for convenience makes every code good ' +
      'for an hour.',
    fix:
      'In the app, give codes a limit of their own; a minute is enough for any client. An administrator ' +
      'can set `expire_time` to 600 or less, and needs refresh tokens (scope `offline_access`) then. A ' +
      'server that receives codes must redeem them in the callback itself and keep the query out of its ' +
      'access log.',
  },
  'authz.code.wrong-client': {
    why:
      'A code that leaked is worth nothing to somebody who has only a client of their own, and ' +
      'registering one is free here. Without the comparison every leaked code buys tokens in the ' +
      "victim's name.",
    observed:
      'A code of one client is sent to the token endpoint with the good id and secret of another client. ' +
      'No tokens may come, 400 `invalid_grant` is expected; both clients must be able to redeem their ' +
      'own codes.',
    failure:
      'The client is authenticated and the code looked up, but nobody compares the two, often after a ' +
      'refactoring that moved authentication to a middleware. Version 1.9.0 refuses with ' +
      '`invalid_client`.',
    fix:
      "In the app, compare the code's `client_id` with the authenticated client right after the lookup " +
      'and answer `invalid_grant`. From outside, a server can only limit the harm: PKCE with `S256` on ' +
      'every login, since the thief lacks the verifier as well.',
  },
  'authz.code.redirect-uri-bound': {
    why:
      'The `redirect_uri` of the token request proves that the code came back to where the client had ' +
      'sent the user. Ignored, a code that was diverted to another registered URI (a forgotten staging ' +
      'host, say) can be fed into the real client.',
    observed:
      'A client with two registered URIs redeems codes of the first with the second, and with an ' +
      'unregistered one. Both must be refused with 400 `invalid_grant`; leaving the parameter out is ' +
      'recorded only.',
    failure: "No version of Nextcloud's oidc app reads `redirect_uri` at the token endpoint.",
    fix:
      'In the app, store `redirect_uri` with the code and compare strings when the token request has ' +
      'one. A server should register a single URI per client, use a client per environment, and rely on ' +
      'PKCE, which notices a code of another session; `authorizationCodeGrant` of openid-client sends ' +
      'the right `redirect_uri` from the URL that it is given.',
  },
  'authz.code.not-a-refresh-token': {
    why:
      'The refresh grant needs no `code_verifier`. If a fresh code is accepted there, an intercepted ' +
      'code buys tokens without PKCE, and its single use is not noted.',
    observed:
      "An unused code is sent as `refresh_token` with the client's credentials. No tokens may come; a " +
      'second code must be accepted as what it is.',
    failure:
      "Nextcloud's oidc app keeps the hash of the code, and later that of the refresh token, in one " +
      'column and looks up either grant there (2.0.9 and 1.9.0).',
    fix:
      'In the app, keep two columns or a prefix, or refuse refresh for a row whose code was never ' +
      'redeemed. Nothing can be done at a server but to redeem codes at once, since a redeemed code is ' +
      'worthless here too, and to keep the client secret private, as the bypass needs it.',
  },
}
