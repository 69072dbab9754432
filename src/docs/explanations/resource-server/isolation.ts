import type { Explanations } from '../explanation.js'

/** Who the caller is, in every session and at every moment, and what nobody may get to see. */
export const ISOLATION: Explanations = {
  'rs.every-request': {
    why: 'A session id is not a secret of the same quality as a token. If it is enough after the beginning, whoever reads it in a log goes on as the user, also after the token was revoked.',
    observed:
      "A session is opened with alice's token. `tools/list`, a reading `tools/call`, a GET for the stream and a DELETE are then sent in it without a token; each must be answered with 401. With the token the session must still work afterwards.",
    failure:
      'The token is checked when the transport of a session is created, and later requests are dispatched by `Mcp-Session-Id` alone. Code that reads the identity from the session finds one there and is content.',
    fix: 'Put the check in front of the routing to sessions and let it run for each HTTP request; a cache of validated tokens keeps that cheap. Session-aware handlers get the identity of this request from `req.auth` or `get_access_token()`.',
  },
  'rs.session.not-authentication': {
    why: "Session ids travel in headers that proxies log. Bob, who has an account of his own, must not be able to read, write or end alice's session by adding her id to his requests.",
    observed:
      "Bob's token is sent with the id of alice's session: he reads a note of hers, writes one, opens the event stream, and ends the session. He may be refused or served as bob; he must see nothing of hers, write nothing for her, get no stream, and her session must go on.",
    failure:
      'The user, or a client of Nextcloud that is logged in as the user, is stored in the session at `initialize` and used for all later messages. Versions of the Python SDK before 1.27.2 do not bind sessions to users.',
    fix: "Remember with a session whose it is (`sub` and issuer) and answer 404 when the token of a request is somebody else's. Resolve the Nextcloud client from the token of the request, never from the session.",
  },
  'rs.session.id-quality': {
    why: 'An id that can be guessed from others leads into the middle of the conversation of a stranger: to its event stream, or to its end.',
    observed:
      'Sixty sessions are opened, six at a time. Their ids must consist of visible ASCII, be all different, and differ from each other by at least 120 bits. Servers without session ids are not asked.',
    failure:
      'Counters, timestamps, `Math.random()`, `uuid1`, or a hash of the user name. A good generator is sometimes seeded, or cut to a few characters for readability.',
    fix: '`sessionIdGenerator: () => randomUUID()` with `node:crypto`; `uuid4().hex` or `secrets.token_urlsafe(32)` in Python. Do not encode anything into the id.',
  },
  'rs.isolation.users': {
    why: "Notes hold passwords, diaries and drafts. One user who sees another's note through the server is a data breach, however rare the way there.",
    observed:
      'Alice makes a note through the server; bob tries to get, search, list as resource, read as resource, update, append to and delete it. Then the same the other way round. Nextcloud is asked directly where the note is and whether it has changed.',
    failure:
      'A client for Nextcloud that was created for the first request is kept in a module variable or in the lifespan context, and serves everybody. Tools were made per user but resources use an administrator or the account of the environment.',
    fix: 'Create the client from the token of each request, or cache clients in a map whose key is the hash of the whole token. In oauth mode leave `NEXTCLOUD_USERNAME` and `NEXTCLOUD_PASSWORD` unset, so that nothing can fall back on them.',
  },
  'rs.isolation.concurrent': {
    why: 'A mix-up under load is found by users, not by tests: it happens once in a thousand calls and cannot be repeated.',
    observed:
      "Alice and bob each open five connections and make fifty calls, alternating between reading their own note and searching for a word that both have. Each answer must hold the own note and never the other's. Alone, each must have got the own note.",
    failure:
      'The identity is put into a global, a field of a singleton or a thread-local, and an `await` lies between setting and using it. In Python a `ContextVar` that is set in a middleware does not reach a task that was started before.',
    fix: 'Pass the identity as an argument (`extra.authInfo`), or use `AsyncLocalStorage` / `ContextVar` set inside of the handling of the very request. No mutable field with the current user in objects that requests share.',
  },
  'rs.isolation.cookies': {
    why: 'Nextcloud answers API calls with a session cookie, and such a cookie is a login. Sent with the next request it can make that request act for the user before, or fail on CSRF checks.',
    observed:
      "On a private Nextcloud alice and bob search in turn. No request that carries one user's token may carry a cookie that was set for the other, and no answer of the server may pass a Nextcloud cookie on.",
    failure:
      'A shared `requests.Session` or `httpx.AsyncClient` keeps cookies by default; so do agents with a cookie jar for `fetch`. Proxying servers copy all response headers.',
    fix: 'Use a client without a jar: `fetch` of Node has none; in httpx drop `Set-Cookie` in a response hook or clear `client.cookies` after each call; with requests use `requests.request` instead of a shared `Session`. Choose the headers that you pass on by name.',
  },
  'rs.identity.only-from-token': {
    why: 'Headers such as `X-Forwarded-User` are trustworthy only behind a proxy that removes them from requests. Anywhere else they let every user choose who to be.',
    observed:
      "With bob's token a note of alice's is asked for while eight user headers, `_meta`, extra arguments and the query name alice. Her note must not come back in any of them.",
    failure:
      'A single sign-on proxy was supported first and its header kept its precedence. Tools take an optional `user_id` "for administrators". Frameworks fill a user from `Remote-User`.',
    fix: "Derive the user from the verified token alone (`sub` of the JWT, or what userinfo says) and ignore all else. Where a tool must act for another user, let Nextcloud decide with the caller's own credentials.",
  },
  'rs.leak.responses': {
    why: 'What a server answers ends up in transcripts of models, in logs of clients and in bug reports. A token or a client secret in an error message is then with everybody who reads these.',
    observed:
      'A private server is driven through refused tokens, malformed headers, unknown tools, resources and methods, broken JSON and an outage of Nextcloud. All answers are searched for the tokens, the passwords, the secrets in the files of the server (whole, in pieces of 16 characters, in Base64), and for stack traces and file paths.',
    failure:
      'Exceptions are answered with their message, which quotes the header, the URL or the request. `debug=True` of Starlette and the default error pages of Express show traces.',
    fix: 'Answer with texts of your own that are chosen by the kind of error, and log the rest with an id that the answer may name. Set `NODE_ENV=production` for Express, and never interpolate tokens, headers or whole URLs into messages.',
  },
  'rs.leak.logs': {
    why: 'Logs are copied to other systems, kept for months and attached to issues. A token in a log is a login for everybody on that way.',
    observed:
      'The server runs as a process of its own through good calls, bad tokens, errors and an outage of Nextcloud. Every line that it printed is searched for the tokens and the passwords, whole, in pieces of 16 characters and in Base64. A server that prints nothing cannot be judged.',
    failure:
      'Request logging at debug level with headers, `logger.debug(f"token={token[:20]}…")`, HTTP clients that log requests (`httpx` with headers, `http.client` debug), and exceptions whose text has the request in it.',
    fix: 'Log a keyed hash, or the first eight characters of a SHA-256 of the token, when you must tell tokens apart. Redact `authorization`, `cookie` and `set-cookie` in the logger itself (`redact` of pino, a `logging.Filter` in Python), so that a new line of code cannot leak.',
  },
  'rs.origin.invalid': {
    why: 'Any page that a user opens can send requests to a server on the same machine. The `Origin` header is what tells them from those of an MCP client.',
    observed:
      "`initialize` is sent with a good token and the origins `https://evil.example`, `null` and the server's own name with `.evil.example` behind it, and a GET with one of them. Each must be refused, with 403 from revision 2025-11-25 on. A preflight (OPTIONS) must not grant these origins access.",
    failure:
      "`cors({ origin: '*' })` or a reflected origin stands in for the check, though CORS only tells browsers what they may read. `startsWith` or `includes` compares the origin. The protection of the SDKs is off.",
    fix: 'Compare `Origin` with a list of whole origins before anything else; no header passes. The TypeScript transport does it with `enableDnsRebindingProtection: true` and `allowedOrigins` (off by default), the Python SDK with `TransportSecuritySettings(allowed_origins=[…])`. Give CORS the same list.',
  },
  'rs.host.rebinding': {
    why: 'With DNS rebinding a web page lets its own name point to 127.0.0.1. The browser then sees one origin, and the request reaches the local server with `Host: evil.example`. In basic mode that page is the user.',
    observed:
      'For a server on loopback `initialize` is sent under `evil.example`, with and without the port, and under the own name with `.evil.example` behind it: each must get a 4xx. Under `localhost` and `127.0.0.1` it must be served.',
    failure:
      "HTTP servers ignore `Host` unless told otherwise. Protection is switched off to make a container reachable, or lists `localhost` without the port and refuses the server's own users.",
    fix: "Express: `createMcpExpressApp()` or `hostHeaderValidation(['localhost', '127.0.0.1', '[::1]'])`. Python: `TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=['localhost:*', '127.0.0.1:*'])`. Add the public name instead of switching it off.",
  },
  'rs.http.methods': {
    why: 'Clients find out by GET and DELETE whether a server has streams and sessions. A page with status 200 makes them wait for events that never come.',
    observed:
      'GET must give an event stream or 405, DELETE 2xx, 404 or 405; PUT and PATCH with a message must not be carried out and should get 405; OPTIONS must neither fail in the server nor give a session.',
    failure:
      'A health check or a landing page answers GET on `/mcp`. Routers send every method to the handler of POST (`app.all`), or a missing route is answered with 404.',
    fix: 'Register GET, POST and DELETE with the transport (`transport.handleRequest` of the SDK answers the rest with 405), and put health checks on a path of their own.',
  },
  'rs.http.media-types': {
    why: 'Browsers send `text/plain` and forms to any origin without asking first. A server that parses them as JSON runs tools for whatever page the user has open.',
    observed:
      '`tools/list` is sent with `text/plain`, `application/x-www-form-urlencoded` and `multipart/form-data` as `Content-Type`: none may be executed, each must get a 4xx. With `Accept` `*/*`, `application/json` and `text/html` there must be an answer, or 400, 406 or 415.',
    failure:
      "The body is parsed whatever its type (`JSON.parse(await request.text())`, `express.json({ type: '*/*' })`). Older TypeScript transports search the header for the words `application/json` anywhere in it.",
    fix: 'Refuse everything but the media type `application/json` with 415 before the body is read, comparing the parsed type and not a part of the header. Current transports of the SDKs do it; do not parse the body before them with a looser parser.',
  },
  'rs.http.protocol-version': {
    why: 'A server that goes on under a version which it does not know answers in a form that the client cannot expect; both then fail somewhere else.',
    observed:
      '`tools/list` with `MCP-Protocol-Version` set to `1999-01-01`, `garbage` and `2099-13-45` must be refused with 400. Without the header it should be served.',
    failure:
      'Handlers written without an SDK do not look at the header. Others demand it, or throw while they parse it, which becomes a 500.',
    fix: 'Compare the header with the list of versions that `initialize` may agree on, answer 400 with the list in the message, and take an absent header for 2025-03-26 or for what the session has agreed on. The transports of both SDKs do that.',
  },
}
