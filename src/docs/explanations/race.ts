import type { Explanations } from './explanation.js'

/** What the pages of the race checks say. */
export const RACE_EXPLANATIONS: Explanations = {
  'race.first-use.authorize': {
    why:
      "The flaky first login: a server or client registers, is told 201, and the user's browser is shown " +
      '"Your client is not authorized to connect" a moment later. It passes on the second try, so nobody ' +
      'finds the cause.',
    observed:
      'A client is registered and used in the very next requests: an authorization request with ' +
      '`prompt=none` and no session, which must come back with `login_required`, and a read of its ' +
      '`registration_client_uri`, which must be 200. Twenty rounds on an embedded Nextcloud, three ' +
      'elsewhere; a round that fails is repeated after waiting, as positive control.',
    failure:
      'On a single database there is no delay. Reads from a replica (`dbreplica`) lag behind the insert ' +
      "at token, userinfo, introspection and the client's own address; Galera nodes or a " +
      'read-write-splitting proxy can make authorize miss it too. SQLite locks under parallel ' +
      'registrations look alike.',
    fix:
      'Read from the primary: do without `dbreplica`, or give the database a consistency within a ' +
      "session, as MaxScale's `causal_reads` and Galera's `wsrep_sync_wait` do. Meanwhile a server " +
      'should, after registering, read its `registration_client_uri` with growing pauses until it gives ' +
      '200, and keep its client so that the race happens once and not at each start.',
  },
  'race.probe.authorize': {
    why:
      'This is the one anonymous request that tells a known client from an unknown one. If both are ' +
      'answered alike, a server cannot see whether its client is there, and a user is sent to log in for ' +
      'a client that will be refused afterwards.',
    observed:
      'An authorization request with `prompt=none` and nobody logged in, once for a fresh client and ' +
      'once for an invented `client_id`. The first must redirect to the client with ' +
      '`error=login_required`, the second must end on a page without any redirect.',
    failure:
      'Versions before 2.0 do not know `prompt` and show the login page either way; version 2.0.9 does ' +
      'as it should here. A gateway that guards all pages with its own login (SAML, forward auth) ' +
      'answers before the app does.',
    fix:
      'In the app, look the client up before the session when `prompt` contains none, and let paths ' +
      'below `/apps/oidc/` through any gateway. A server on older versions should read ' +
      '`registration_client_uri` instead (there since 1.11), and never take a redirect to `/login` for ' +
      '"known".',
  },
  'race.mitigation.wait-covers-short-lag': {
    why:
      'A server that reports ready before its own client is known refuses its first users, with a 401 ' +
      'that clients take for a bad token and answer with a new login.',
    observed:
      'The server is started on a Nextcloud that knows each new client 300 ms late. At its first ready ' +
      'moment it gets the token of an older client, then that of a whole login; the last must be ' +
      "accepted, and no request may be refused because the server's client was unknown.",
    failure:
      '`register()` is followed by `introspect()` with nothing between, or by a fixed sleep that is ' +
      'shorter than the lag. Others read the discovery document after registering, which answers 200 ' +
      'whether the client is known or not.',
    fix:
      'After the 201 read `registration_client_uri` with the `registration_access_token` until it is 200 ' +
      'and names your `client_id`: at once, then after 50 ms, each pause half as long again, at most ten ' +
      'seconds in all. Only then open the port, or answer readiness. Where no `registration_client_uri` ' +
      'came, probe authorize with `prompt=none` instead.',
  },
  'race.mitigation.discovery-poll-is-no-evidence': {
    why:
      'The discovery document is made from settings, not from clients: it is the same before and after a ' +
      'registration. A server that polls it has waited for nothing, and its users find the lag instead.',
    observed:
      'The server is started on a Nextcloud that knows new clients ten seconds late. It must not be ' +
      'ready before that, or, if it is, must hold back its first token until its client is known, rather ' +
      'than refuse it; the lag is cut short once it has looked at its client, or tried to use it, three ' +
      'times.',
    failure:
      'A pause of half a second followed by a GET of the discovery document "to see that the provider is ' +
      'up again", copied from one deployment to the next; it hides lags up to the pause and no longer ' +
      'ones.',
    fix:
      'Replace the poll by one that asks about the client: GET `registration_client_uri` with the ' +
      '`registration_access_token`, or an authorization request with `prompt=none`. Do not try the ' +
      'client out at the token or introspection endpoint: each refusal there is a failed authentication. ' +
      'If you prefer to be ready early, let the first use wait for the same promise.',
  },
  'race.mitigation.backoff': {
    why:
      'When Nextcloud restarts, each waiting server asks it as fast as it can, and an instance that was ' +
      "slow to come up is kept down, or its brute-force protection shuts out the server's address.",
    observed:
      'Two starts, one with a discovery document that fails eight times with 500, one with a client that ' +
      'stays unknown. Where at least three polls are seen, the pauses must be 25 ms or more, must grow ' +
      'by half (or be a second from the beginning), and polling must stop once it has succeeded.',
    failure:
      '`while (!ready) await fetch(…)` without a pause; a fixed `setInterval`; a retry wrapper without ' +
      'backoff option; or an interval that is never cleared, so that it polls on after the success.',
    fix:
      '`pause = min(pause * 1.5, 1000)` with a little randomness, and a bound for the whole. `p-retry` ' +
      '(`factor`, `minTimeout`), `wait_exponential_jitter` of tenacity or `backoff.expo` do it; check ' +
      'that their defaults are not "no wait". Keep it a loop that returns, not a timer beside the code.',
  },
  'race.mitigation.gives-up': {
    why:
      'A server that waits for ever for its client looks exactly like one that is still starting: no ' +
      'error, no exit, no line in the log, and an orchestrator that has nothing to restart.',
    observed:
      'The server is started on a Nextcloud where its new client stays unknown for an hour, and is given ' +
      'three times the usual start-up time. It must become ready with a warning in its log, or end with ' +
      'an exit code other than 0 and at least one line of output.',
    failure:
      'A loop without bound; a bound per request but none for the whole; or the wait ends quietly and ' +
      'the server goes on as if all were well.',
    fix:
      'Give the wait a deadline (ten seconds is plenty) with `AbortSignal.timeout` or `asyncio.timeout` ' +
      'around the whole of it. Afterwards either log a line such as "client not visible after 10 s, ' +
      'first requests may fail" and go on, or throw with that text and `exit 1`.',
  },
  'race.parallel-registrations': {
    why:
      "Sessions that start together register together. If their rows mix, one client's codes are sent to " +
      "another one's redirect URI, which is a login given to a stranger.",
    observed:
      'Eight clients (three on an attached instance) are registered at the same moment, each with a ' +
      'redirect URI of its own. No two may share a `client_id`, secret or registration token, each must ' +
      'get its own URI back, and authorize with `prompt=none` must accept for each client its own URI ' +
      "and none of the others'.",
    failure:
      'In Nextcloud the client row and its URI rows are written without a transaction; "the last ' +
      'inserted id" read on another connection, or a per-process variable in a patched app, attaches a ' +
      'URI to the wrong client. Registrations that fail half-way leave clients without any URI.',
    fix:
      'In the app, insert client and URIs in one transaction and take the id from the inserted entity. A ' +
      'server should compare `redirect_uris` and `client_id` of the answer with what it sent, register ' +
      'anew when they differ, and let parallel requests of one process share a single registration.',
  },
  'race.never': {
    why:
      "A lag must not make a server worse: two clients per start fill Nextcloud's table, a secret in a " +
      'URL ends up in access logs, and a file that is torn by a kill keeps the server from starting at ' +
      'all.',
    observed:
      'Starts with a lag of 0 and 300 ms, each followed by two tokens, and one start that is killed ' +
      'while it waits for its client, then repeated in the same folder on another Nextcloud. Looked at: ' +
      'one registration per start, one client in use, none that is still unknown, no secret in any URL, ' +
      'no half-written file, and a start after the kill.',
    failure:
      'A retry around the whole of "register and wait" registers again at each turn; two modules ' +
      'register for themselves; GET with `client_secret` in the query; or the client is written with ' +
      '`fs.writeFile` when the wait is over.',
    fix:
      'Keep the registration outside the retry, and retry the look only. Store the client right after ' +
      'the 201, before waiting, by writing a temporary file and renaming it, so that a killed start ' +
      "finds it again. Send secrets in the body or the Authorization header: openid-client's " +
      '`ClientSecretPost` and `ClientSecretBasic` do.',
  },
}
