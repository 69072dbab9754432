import type { Explanations } from '../explanation.js'

/** What the pages say of consent, prompts, errors and callbacks. */
export const RESPONSES: Explanations = {
  'authz.consent.denied': {
    why:
      'Somebody who presses Deny expects the application to know it. If the answer is lost, the client ' +
      'waits until its own timeout, and if a code came all the same, the denial meant nothing.',
    observed:
      'On an instance that asks for consent, the user agent logs alice in and presses Deny. The client ' +
      'must get `error=access_denied` with its state and no code, and the next login must ask for ' +
      'consent again.',
    failure:
      "In a real browser Nextcloud's consent page posts by fetch and follows the redirect to the client, " +
      "which its own `Content-Security-Policy` (`connect-src 'self'`) blocks; its fallback goes to the " +
      'dashboard. Over plain HTTP the redirect is there. Version 1.9.0 has no consent page, so nothing ' +
      'is judged.',
    fix:
      'In the app, post the decision as an ordinary form, or answer the fetch with the target as JSON ' +
      'and set `location` to it. A client should end a login after two or three minutes with "no answer, ' +
      'perhaps it was denied", offer to try again, and handle `access_denied` separately from other ' +
      'errors.',
  },
  'authz.error.redirect': {
    why:
      'An error that ends on a page leaves the client waiting and the user with a text that they cannot ' +
      'act on. Redirecting for an unknown client, on the other hand, makes Nextcloud a redirector for ' +
      'anybody.',
    observed:
      'Requests with an unknown or missing `response_type`, `response_type=token` and an unknown ' +
      '`code_challenge_method` must come back to the redirect URI with a registered error, the state, ' +
      'and 302 or 303. A request of an unknown `client_id` must end on a page without redirect.',
    failure:
      'The app throws before it knows the redirect URI, or renders its error template with status 200. ' +
      'oidc 1.9.0 fills what is missing from an earlier request of the same browser and answers with a ' +
      'code.',
    fix:
      'In the app, validate client and redirect URI first, everything else after, with redirected ' +
      'errors. A client should send every parameter in every request, read `error` before `code` in the ' +
      'callback, show `error_description`, and give up by a timeout where no answer comes.',
  },
  'authz.scope.narrowing': {
    why:
      'The scope of a registration is the promise of what a client can get at most. If asking for more ' +
      'yields more, a client that was allowed a name only reads mail addresses and groups.',
    observed:
      'A client registered for `openid profile` asks for that, then for email, groups, roles and ' +
      '`offline_access` too, then for email alone. What was granted is read from the token response, the ' +
      'JWT, introspection, userinfo and its claims; no word beyond the registration may be among it.',
    failure:
      'Version 2.0.9 intersects correctly, but if nothing remains it falls back to its default scopes ' +
      '(`openid profile email roles`), which may lie outside. Registrations that send no scope are ' +
      'unrestricted, and registration in 1.9.0 knows none.',
    fix:
      'In the app, answer `invalid_scope` when the intersection is empty. A server must judge each token ' +
      'by the scope of that token (the `scope` claim, or introspection) before a tool runs, as ' +
      '`requiredScopes` of `requireBearerAuth` in the MCP SDK does, and never by what its clients were ' +
      'registered with.',
  },
  'authz.prompt.none': {
    why:
      '`prompt=none` is sent where nobody looks, in a hidden frame or a background request. A page there ' +
      'is never answered: the silent renewal hangs, or a consent form is shown inside an invisible frame.',
    observed:
      '`prompt=none` without a session must come back as `login_required`; with a session and without ' +
      'consent (where consent is asked for) as `consent_required` or `interaction_required`; with both ' +
      'it must give a code, as positive control.',
    failure:
      'Version 2.0.9 answers the first case well and shows its consent page in the second; oidc 1.9.0 ' +
      'does not know `prompt` and shows the login. A login gateway before Nextcloud redirects in every ' +
      'case.',
    fix:
      'In the app, before rendering any page, turn it into an error redirect when `prompt` holds none. A ' +
      'client that renews silently must bound its time (five seconds, then fall back to a visible ' +
      'login), or better use a refresh token from `offline_access` and never need it.',
  },
  'authz.prompt.login': {
    why:
      "A client asks for `prompt=login` before something that only the account's owner may do. If the " +
      'session of an unlocked computer is enough, the question was pointless and nobody notices.',
    observed:
      'With a session that gives codes silently, `prompt=login` is sent. The login page must appear, a ' +
      'code must follow, and `auth_time` in the new ID token must be later than in the first.',
    failure:
      'oidc 1.9.0 ignores `prompt`. In later versions single sign-on in front of Nextcloud logs the ' +
      'person in again without a question, or `auth_time` is that of the first authorization in the ' +
      'session.',
    fix:
      'In the app, end the session before the redirect to the login and set `auth_time` from the new ' +
      'login. A client that depends on it must check `auth_time` itself (in openid-client the `maxAge` ' +
      'check of `authorizationCodeGrant`) rather than trust that the parameter was obeyed.',
  },
  'authz.iss.response': {
    why:
      'A client that knows several providers tells by `iss` which one answered. A wrong or sometimes ' +
      "missing `iss` either breaks its logins or lets one provider pass its response off as another's " +
      '(mix-up).',
    observed:
      'A success and an error response are read. If either has `iss`, or the discovery document says ' +
      'that they do, both must have it, equal to the issuer of the document, and the document must ' +
      'announce it; where nothing speaks of it, the check does not apply.',
    failure:
      "Nextcloud's oidc app sends no `iss` so far. Implementations that add it forget error responses, " +
      'or build it from another host name than the discovery document.',
    fix:
      'In the app, add `iss` in the one function that builds all authorization responses, from the same ' +
      'source as the document, and announce `authorization_response_iss_parameter_supported: true`. A ' +
      'client that uses several Nextclouds should until then have a redirect URI per provider; ' +
      '`authorizationCodeGrant` of openid-client compares `iss` when it is there.',
  },
  'authz.callback.error-param': {
    why:
      'Somebody who was refused must not watch an application wait, and a flow that heard "no" must not ' +
      "accept a code that arrives later, which would be somebody else's.",
    observed:
      "An error response and after it a code with the same state go to the toolkit's own callback " +
      "listener; the flow must end with that error, a 4xx page, and no token request. The server's " +
      '`/oauth/callback`, where there is one, gets an `error` with an unknown state and must answer 4xx.',
    failure:
      'A callback that looks for `code` only and answers 200 "you may close this window" to everything; ' +
      'or one that shows the error but leaves the pending login in its map. A finding that does not ' +
      "begin with `server-` speaks of the toolkit's listener, not of your server.",
    fix:
      'In your callback, find the pending login by state first, remove it, then look at `error` before ' +
      '`code`; answer 400 with a fixed text. `authorizationCodeGrant` of openid-client throws ' +
      '`AuthorizationResponseError` with `error` and `error_description`, which you log and do not print ' +
      'into the page.',
  },
  'authz.callback.state-mismatch': {
    why:
      "Without the comparison anybody can send their own code to a victim's callback: the victim then " +
      "works inside the attacker's account, and what they store there is the attacker's.",
    observed:
      "The toolkit's own listener, with two logins waiting, gets codes with a wrong, no, an empty and a " +
      'used state: all must be refused with 4xx and delivered to no login, while the right ones arrive. ' +
      "The server's `/oauth/callback`, if it has one, gets a code with an unknown state and must answer " +
      '4xx.',
    failure:
      'State is compared only if present (`if (state && state !== expected)`); it is kept in a ' +
      'process-wide variable, so that the last login wins; or it stays valid after its use. Findings of ' +
      "the server's own callback begin with `server-`.",
    fix:
      'Keep pending logins in a map keyed by state, bound to the browser by a cookie (`SameSite=Lax`, ' +
      '`HttpOnly`), and delete on first use. Create it with `randomState` and pass it as `expectedState` ' +
      "to `authorizationCodeGrant` in openid-client; Authlib's `authorize_access_token` compares it by " +
      "itself, given Starlette's `SessionMiddleware`. Answer 400 otherwise.",
  },
  'authz.callback.missing-code': {
    why:
      'Proxies cut queries and people reload pages. A token request with an empty code counts as a ' +
      'failed attempt at the provider and replaces a clear "incomplete answer" by a puzzling "invalid ' +
      'grant".',
    observed:
      "The toolkit's listener gets responses with neither code nor error, an empty code and an empty " +
      'error, then a good one in the same flow. The first must be 4xx and lead to no token request, the ' +
      "good one must be exchanged. The server's `/oauth/callback`, if any, gets an empty code.",
    failure:
      '`searchParams.get("code") !== null` lets `""` pass; a truthiness test on error only; or the ' +
      'pending login is consumed by the incomplete response, so that the complete one fails. Findings of ' +
      'your own callback begin with `server-`.',
    fix:
      'Test for a non-empty string, after state: `if (!code)` answer 400 and leave the pending login ' +
      'alone. In FastAPI use `Query(min_length=1)`, with zod `z.string().min(1)`. Never call the token ' +
      'endpoint from a branch in which code may be empty.',
  },
  'authz.callback.timeout': {
    why:
      'A login that nobody finishes must not look like one that goes on: the client hangs, its port ' +
      'stays taken, and the next login fails with "address in use".',
    observed:
      "The toolkit's own listener waits 200 ms for a response that never comes. The wait must end by " +
      'itself with a message that names the redirect URI and the time, a late response must be refused ' +
      'with 4xx, and after closing nobody may listen on the port. Your server is not asked anything here.',
    failure:
      "A finding here is a defect of the toolkit's listener; please report it. Clients written by hand " +
      'fail in the same way: a promise without timeout, a timer that is cleared but whose server is ' +
      'never closed, or `server.close()` that waits for keep-alive connections.',
    fix:
      'Nothing to change at an MCP server. In a client of your own, bound the wait with ' +
      '`AbortSignal.timeout` (`asyncio.timeout` in Python), remove the pending state when it ends, and ' +
      'free the port with `server.close()` and `server.closeAllConnections()` in a `finally` block.',
  },
  'authz.callback.no-reflection': {
    why:
      'The callback page is on the origin of your server. Whatever it repeats from the query runs there: ' +
      'a link with a script in `error_description` steals the next code or the session of whoever clicks ' +
      'on it.',
    observed:
      'Responses with markup in `error`, `error_description` and another parameter, with line breaks, ' +
      "and of 64 KiB, go to the toolkit's listener with a known and an unknown state, and to the " +
      "server's `/oauth/callback` if there is one. No tag may come back unescaped, no header may be " +
      'injected, and each must be 4xx.',
    failure:
      'A page made with a template string such as `<p>${error_description}</p>`, or an f-string in ' +
      "Python; Express' `res.send` of such a text, which goes out as `text/html`. Findings of your own " +
      'callback begin with `server-`.',
    fix:
      'Show fixed texts chosen by the error code and write the rest to the log. If it must be shown, ' +
      'escape it (`html.escape`, a JSX or Jinja2 template with autoescape), answer with ' +
      "`Content-Security-Policy: default-src 'none'`, and never place it in a header or redirect. Limit " +
      'the length of the query.',
  },
}
