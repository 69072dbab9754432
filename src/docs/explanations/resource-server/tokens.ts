import type { Explanations } from '../explanation.js'

/** Which tokens are let in, for how long, and where they go. */
export const TOKENS: Explanations = {
  'rs.token.query': {
    why: 'URLs are written to logs, copied into chats and kept in histories. If a token in one opens the server, everybody who sees the URL is the user; if it wins over the header, a link can make one user act as another.',
    observed:
      "An `initialize` with alice's token in `?access_token=` alone must be answered with 401. With bob's token in the header and alice's in the query, a note of alice's must not be shown.",
    failure:
      'Frameworks read tokens from several places by default, and WebSocket or SSE code took the query because browsers cannot set headers there. A parameter that is read first overrides the header.',
    fix: 'Read the token from `Authorization` only. Switch the other sources of the library off (`ExtractJwt.fromAuthHeaderAsBearerToken()` alone in Passport, no `access_token` parameter in a FastAPI dependency). A parameter of that name must change nothing.',
  },
  'rs.token.malformed-header': {
    why: 'A header that crashes the parser is a way to take the server down or to read its stack trace. A header that is half understood is worse: two components that read different tokens from it disagree about who is calling.',
    observed:
      'After a control with a good token seven headers are sent: `Bearer` alone, a token twice, two headers joined by a comma, a token in quotes, characters outside of ASCII, a tab, and 64 KiB. Each must be answered with 400 or 401; the last may get 413 or 431.',
    failure:
      "`header.split(' ')[1]` takes the first of two tokens and lets the request in; `requireBearerAuth` of the TypeScript SDK 1.x splits like that. Characters beyond ASCII make httpx raise a `UnicodeEncodeError` when the token is to be sent to Nextcloud, and that becomes a 500.",
    fix: 'Match the whole header: `/^Bearer +([A-Za-z0-9\\-._~+\\/]+=*) *$/i`, and answer 401 when it does not match, before any verifier runs. Let every unexpected error of the verifier end in a status of your own, without its message.',
  },
  'rs.token.scheme-case': {
    why: 'Names of schemes have no case, and some HTTP libraries write `bearer`. Their users cannot log in, or they can and then every call fails in a way that nobody connects with the header.',
    observed:
      'Sessions are opened with `bearer`, `BEARER` and `bEaReR`, and a reading tool is called with each. The same call with `Bearer` must have worked before.',
    failure:
      "`startsWith('Bearer ')` refuses the others. Servers that accept them and pass the header on unchanged fail at Nextcloud, which knows one spelling only.",
    fix: 'Compare the scheme without regard to case, keep the token alone, and write the header for Nextcloud anew: `Authorization: Bearer ${token}`.',
  },
  'rs.token.wrong-scheme': {
    why: "Nextcloud's APIs take passwords by Basic. A server that hands a client's header on is a way to guess and use passwords at Nextcloud with the address of the server, past tokens, consent and scopes.",
    observed:
      "`initialize` and a reading tool are sent with alice's password by Basic, with her good token under `Token` and `DPoP`, and with the token alone. Each `initialize` must be refused with 401 and a Bearer challenge, and the log of Nextcloud must show no Basic login of hers.",
    failure:
      'The server looks only whether the header is there and forwards it, or strips the first word whatever it is. Code of `basic` mode that is reached in `oauth` mode too.',
    fix: 'Accept the scheme Bearer and nothing else; answer all others like a request without a token. Build the credentials for Nextcloud from the verified token, so that no text of the client can get there.',
  },
  'rs.token.tampered': {
    why: 'Whoever can invent or edit a token is any user of the Nextcloud, without a password and without a trace in its login history.',
    observed:
      "Random characters, an opaque token with one character changed, cut or doubled, and a JWT with changed header, payload (bob's `sub`) or signature, or with the signature of another token. Each must get 401, after the tokens as issued were accepted.",
    failure:
      '`jwt.decode` without verification (PyJWT with `verify_signature: False`, `decodeJwt` of jose) on the way to `sub`. For opaque tokens: a cache that is keyed by a part or a prefix of the token. A doubled token passes where the header is split carelessly.',
    fix: 'Verify first, read afterwards: `jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), { issuer, audience, algorithms: [\'RS256\'] })`, or `jwt.decode(token, key, algorithms=["RS256"], issuer=…, audience=…)`. Ask Nextcloud about opaque tokens, and key the cache with a hash of the whole token.',
  },
  'rs.token.other-audience': {
    why: 'If tokens for other servers open this one, whoever runs any MCP server on the same Nextcloud can use the tokens of its visitors here. That is the confused deputy for which audiences exist.',
    observed:
      'One client gets two tokens for alice per format, one for this endpoint and one with `resource=https://other.example/mcp`. The first must be accepted, the second refused with 401.',
    failure:
      "The server asks userinfo whether a token is good, and userinfo knows no audience: it says 200 to every living token. JWTs are verified without `audience`, or with Nextcloud's own address as audience. Introspection of the oidc app names the client as `aud` whatever the token is for, so that reading this member decides nothing.",
    fix: 'JWT: pass `audience: resource` to the verifier, which compares it as a whole. Opaque: introspect with a client of your own that is registered with `resource_url` set to the endpoint; oidc 1.13 and later then say `active` only for tokens of that resource. In the TypeScript SDK `expectedResource` of `requireBearerAuth` compares what your verifier returns. Without introspection (oidc before 1.11) refuse opaque tokens.',
  },
  'rs.token.audience-case': {
    why: 'Names of schemes and hosts have no case. A user who typed `HTTPS://Cloud.example` gets a token for the very same server and is sent to log in again and again.',
    observed:
      'A JWT for the address as it is must be accepted; then the same client asks for one with scheme and host in upper case as `resource`. When Nextcloud names it as `aud` like that, it must be accepted, too. Servers that take no JWTs are not asked.',
    failure:
      '`jwtVerify` of jose and `jwt.decode` of PyJWT compare `audience` as text, which is right for everything but these two parts.',
    fix: 'Let the library verify signature, issuer and time without its `audience` option, and compare each value of `aud` yourself, after lowering the part that matches `/^[a-z][a-z0-9+.-]*:\\/\\/[^/?#]*/i` on both sides. All that follows stays as it is: `new URL(aud).href` would also resolve `..` and drop default ports. `token-verifier/audience.ts` of the reference server is an example.',
  },
  'rs.token.other-client': {
    why: "Any application that a user has signed in to with Nextcloud holds such a token. If it opens the MCP server, every one of these applications can read the user's notes and files through it.",
    observed:
      'One client gets a token for this endpoint and one with no `resource` at all, in each format. The bound one must be accepted, the other refused with 401.',
    failure:
      'Servers check the audience only where there is one that looks like a URL, or also accept a client id as audience, since that is what the oidc app puts into a token without a resource. Clients that do not send `resource` are then served instead of being told.',
    fix: 'Demand the own resource identifier as the audience, without exceptions for client ids. If you must serve clients that send no `resource`, register these clients with `resource_url`: the oidc app from 1.13 on then makes it the default.',
  },
  'rs.token.other-issuer': {
    why: 'Anybody can run a Nextcloud with a user named alice and issue tokens for your endpoint. A server that does not look at the issuer takes them for its own alice.',
    observed:
      "A second Nextcloud with a key of its own issues tokens for this endpoint and a user of the same name. For JWTs there is also one signed with the right key but with the second Nextcloud's `iss`, as a staging copy would make it. All must get 401.",
    failure:
      "The `issuer` option of the JWT library is not set, or the keys are fetched from where the token's `iss` or `jku` points. Copies of an instance share their signing key, so that the signature alone does not tell them apart.",
    fix: 'Set `issuer` to the exact string of your discovery document, and fetch keys from its `jwks_uri` only, never from an address inside a token. Regenerate the signing key of a copied instance in the settings of its oidc app.',
  },
  'rs.token.expired': {
    why: 'Expiry is the only thing that ends a JWT and the last thing that ends a stolen opaque token. Without it a token from an old backup or a log works for ever.',
    observed:
      'On a private Nextcloud with a settable clock tokens are issued and let expire by minutes before the server sees them for the first time. A fresh token of the same client must be accepted, the expired ones refused with 401.',
    failure:
      '`verify_exp: False`, a large `clockTolerance`, or a verifier that decodes and compares `exp` in milliseconds with seconds. For opaque tokens a server that skips asking Nextcloud because the text looks right.',
    fix: 'Leave expiry to the JWT library, with a tolerance of at most a minute (`clockTolerance: 60` in jose, `leeway=60` in PyJWT). Return `expiresAt` from your verifier; both official SDKs compare it again.',
  },
  'rs.cache.not-beyond-exp': {
    why: 'A cache of validated tokens is what keeps a server fast, and what keeps a dead token alive. A token in constant use then never ends.',
    observed:
      'Tokens that live two or three seconds are presented again and again, from their beginning until they are refused. That must happen within the clock skew that is allowed (`--clock-skew-seconds`, 60 by default) after their end; the end of an opaque token is when userinfo stops honouring it.',
    failure:
      'Entries live for a fixed time from their insertion, or each use prolongs them. The `exp` of introspection is taken for opaque tokens, though the oidc app names one that lies a whole lifetime too late.',
    fix: 'Let an entry end at the earlier of its own maximum (a few seconds to a minute) and the `exp` of the token, and never extend it by use. Check `exp` at every hit. For opaque tokens keep the maximum short, as nobody tells you a reliable end.',
  },
  'rs.cache.revocation-window': {
    why: 'A user who revokes a client has seen something that worries them. Until the server notices, that client goes on reading.',
    observed:
      "Alice's opaque token is accepted, then revoked at Nextcloud and used several times a second. It must be refused within `--revocation-seconds` (300 by default). A server started after the revocation must refuse it at once, if it takes bob's living token.",
    failure:
      'Validated tokens are cached until their end, or for an hour. A cache on disk or in Redis survives the restart and brings the token back.',
    fix: 'Ask Nextcloud again after a short time (the reference server remembers for 3 seconds; a minute is plenty), also for tokens in use. Keep the cache in memory. JWTs cannot be revoked: give them short lives in Nextcloud (`occ config:app:set oidc expire_time`).',
  },
  'rs.cache.key-collision': {
    why: 'All JWTs of one issuer begin with the same characters. A cache that knows tokens by a part of their text hands one user the identity of another.',
    observed:
      "A private Nextcloud honours two opaque tokens for alice and bob whose first and last 64 characters are the same. They are used in turn, twice each, and each must show its own user's folder and note. Only servers that accept opaque tokens are asked.",
    failure:
      '`token[:32]` or a slice for the log is reused as the key of a dictionary, or the hash is cut short.',
    fix: "Use the whole SHA-256 of the whole token as key: `createHash('sha256').update(token).digest('hex')`, `hashlib.sha256(token.encode()).hexdigest()`. It also keeps tokens out of heap dumps.",
  },
  'rs.scope.insufficient': {
    why: 'The consent page shows scopes. If they are not enforced, a user who allowed reading has allowed deleting too.',
    observed:
      'A token with `openid profile email` only is used for tools that we know, listed or not. What is not listed must not be callable; a refusal must be 403 with `error="insufficient_scope"`, `scope` and `resource_metadata`. A token with the scope that was named must then work. Servers that announce no scopes beyond a sign-in are not asked.',
    failure:
      'Scopes filter `tools/list` but not `tools/call`. Refusals are tool errors or 401, so that clients renew a good token over and over. Or one list of scopes guards the whole endpoint while each tool promises its own.',
    fix: 'Look at the scopes of the request\'s token in the handler of `tools/call` (`extra.authInfo.scopes`, `get_access_token().scopes`), before the tool runs. As this must become an HTTP status, read `params.name` from the body in a middleware and answer `403` with `WWW-Authenticate: Bearer error="insufficient_scope", scope="notes.write", resource_metadata="…"`.',
  },
  'rs.scope.resources': {
    why: 'A note that the tool refuses and the resource shows is not protected: both lead to the same data, and clients let users attach resources with a click.',
    observed:
      "With a token for a sign-in alone the listed resources, the prompts without required arguments and `nc://Notes/<id>` of a note of alice's are asked for. What is not listed for this token, or what the tool refuses, must get 403 as a call would, and a token with the scope that was named must then be served.",
    failure:
      'The check of scopes sits in the handler of `tools/call`, and `resources/read` and `prompts/get` were added later. Lists are filtered, reading is not, since URIs are thought to be unknown.',
    fix: 'Give each resource, template and prompt a scope where it is registered, as the tools have it, and ask the same function in `resources/read` and `prompts/get` as in `tools/call`. The reference server does it in `scope-gate.ts`, before a message reaches its handler.',
  },
  'rs.passthrough.foreign-token': {
    why: "Nextcloud honours tokens of all its clients on its APIs, whatever their audience. A server that tries a token there before it has judged it does in the bearer's name what it should have refused.",
    observed:
      'Tokens for another resource, one with a broken signature and an invented one are presented, with `initialize` and straight with `tools/call`. In the log of a private Nextcloud none of them may appear anywhere but at userinfo and introspection.',
    failure:
      'The token is validated by calling an API with it (OCS `cloud/user`, `capabilities`), or a client for Nextcloud is built and warmed up in parallel with the validation. Lazy servers let Nextcloud refuse.',
    fix: 'Await the verdict before anything else happens with the token. Validate at the `introspection_endpoint` or the `userinfo_endpoint` of the discovery document, or locally against `jwks_uri`.',
  },
  'rs.passthrough.own-token': {
    why: "Whoever can make Nextcloud redirect once (a misconfigured proxy, an app, a shared link) collects the tokens of all users, if the server's HTTP client follows with its headers.",
    observed:
      "A private Nextcloud redirects (307) the API calls of reading tools to another origin that we also control. That origin must see neither the client's token nor other credentials. Which credentials the server uses towards Nextcloud is noted and not judged.",
    failure:
      'Current `fetch`, httpx and requests drop `Authorization` on the way to another origin. It leaks where code follows `Location` by itself, where a hook adds the header to every request (`event_hooks` of httpx), and in old versions of node-fetch.',
    fix: "Do not follow redirects on API calls: `redirect: 'manual'` for `fetch`, `follow_redirects=False` (the default) in httpx, `allow_redirects=False` in requests. Treat a 3xx of Nextcloud as an error that names its target's host, or follow only within the same origin.",
  },
  'rs.upstream.refusal-is-tool-error': {
    why: "The client's token is good, only Nextcloud refuses it. An HTTP 401 to the client makes it throw the login away and ask the user again, for nothing; an empty success makes the model say that there are no notes.",
    observed:
      'A private Nextcloud answers its APIs with 401 while `nc_notes_search_notes` is called. The answer must be a tool error that mentions the refusal, without a second try by other credentials or a cookie. The next call must work.',
    failure:
      'Exceptions of the HTTP client are mapped by status, so that a 401 from behind becomes a 401 in front. Or `if not response.ok: return []`.',
    fix: 'Keep the two sides apart: only your own verifier may cause a 401. Turn a 401 or 403 of an API into a result with `isError: true` and a text like "Nextcloud refused the request (401)". On Nextcloud\'s side, app APIs take bearer tokens when `user_oidc` has `oidc_provider_bearer_validation` on.',
  },
}
