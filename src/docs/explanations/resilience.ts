import type { Explanations } from './explanation.js'

export const RESILIENCE_EXPLANATIONS: Explanations = {
  'resilience.nextcloud-down': {
    why: 'Nextcloud restarts for every update. A server that dies of it needs a person; one that hangs or says that there are no notes misleads the model.',
    observed:
      'A search works; then connections to the private Nextcloud are refused, and after that dropped. Each time the call must fail within `--upstream-timeout-ms` (15 s by default) as a tool error or a 5xx, in plain words; the process must live, and the first call afterwards must succeed.',
    failure:
      'An unhandled rejection ends Node. Errors are answered as `fetch failed` with `ECONNREFUSED` and a trace. A pool keeps dead connections, so that the first call after the outage fails, too.',
    fix: 'Catch errors of the network where Nextcloud is called and raise one of your own: "Nextcloud cannot be reached". Repeat an idempotent request once when a kept connection turns out to be closed. Keep a handler for `unhandledRejection` that logs.',
  },
  'resilience.nextcloud-slow': {
    why: 'One slow request is the problem of one caller. Where it blocks the process, a slow folder of one user is an outage for all.',
    observed:
      'Nextcloud leaves one search without an answer while three calls of another user are timed; then twenty calls are held whose callers cancel and go, and the others call again. The others must not wait, and the held call must end as a failure. The server is started with `NEXTCLOUD_TIMEOUT_SECONDS=2`, for those that know it.',
    failure:
      'Synchronous HTTP (`requests`, `time.sleep`) in an async handler stops the event loop. There is no timeout, or one lock for all requests. Cancelled calls keep their connection in a pool of ten.',
    fix: '`fetch(url, { signal: AbortSignal.any([extra.signal, AbortSignal.timeout(10_000)]) })`, or `httpx.AsyncClient(timeout=10)` with `await`; put blocking libraries into `asyncio.to_thread`. Passing `extra.signal` on frees the connection when `notifications/cancelled` arrives.',
  },
  'resilience.rate-limited': {
    why: 'Nextcloud answers too many requests with 429. A server that repeats them at once keeps the limit alive and all of its users locked out.',
    observed:
      'The notes app answers 429, first without and then with `Retry-After: 1`. A request may come three times at most, with pauses of 100 ms or more that do not shrink, or of the second that was named. The caller must be told of the limit, and the next call must work.',
    failure:
      'Retry libraries with `backoff_factor=0`, loops that treat 429 like a network error, or a fixed pause of several seconds that ignores `Retry-After` and holds the event loop.',
    fix: 'Do not retry at all and report "Nextcloud limits the rate (429), try again later", or retry twice with growing pauses and honour `Retry-After` (`Retry(total=2, backoff_factor=1, respect_retry_after_header=True)` of urllib3). Real Nextclouds often send no `Retry-After`.',
  },
  'resilience.maintenance': {
    why: 'Each update begins with the maintenance mode. Its HTML page in a result is noise that a model will summarise; a 401 because of it logs everybody out.',
    observed:
      'Notes, files, calendars and tables are called before, during and after the maintenance mode of a private Nextcloud. During it each call must fail, say that Nextcloud is unavailable, and hold none of the page; never with 401. Afterwards each must work at once.',
    failure:
      'The body of a response is used whatever its status and type. DAV answers 503 with XML, pages with HTML, OCS in its own envelope, and only one of these was thought of. Validation of tokens takes 503 for "invalid".',
    fix: 'Look at the status first: 503 (and the header `X-Nextcloud-Maintenance-Mode: 1`) becomes "Nextcloud is in maintenance, try again later" for every API. Check `Content-Type` before parsing, and never put a body of the wrong type into a message.',
  },
  'resilience.validation-outage.fail-closed': {
    why: 'Whoever can slow down or break userinfo for a minute would otherwise be anybody they like, with a token they made up.',
    observed:
      'Userinfo, introspection and key set answer with 500, an HTML page, an empty object or not at all. Six forged tokens of all shapes and a good opaque one, none seen before, are presented; none may be let in. Afterwards a good token must be.',
    failure:
      '`except Exception: return decoded` as a fallback. `response.ok` is taken for a good token, also with `{}` or HTML in it. A JWT is decoded without its signature when the keys cannot be fetched.',
    fix: 'Accept only on proof: a verified signature, or a JSON body with a non-empty `sub` (userinfo) or `active === true` (introspection). Everything else is an outage: answer 503, and log it.',
  },
  'resilience.validation-outage.not-sticky': {
    why: 'A client that is told `invalid_token` throws its token away. A hiccup of Nextcloud then sends all users to the login page.',
    observed:
      'During an outage of userinfo, introspection and key set (connection refused, 500, 502 with HTML) a fresh good token is presented; the answer should not be 401. Within two seconds after the end of the outage the same token must be accepted.',
    failure:
      'Any exception of the verifier becomes `InvalidTokenError`. Refusals are cached to save requests, and an outage is cached along with them. Failed fetches of discovery or keys are remembered.',
    fix: 'Give the verifier three outcomes: good, bad, unknown. Unknown means a 5xx and is never cached: throw `ServerError` in the TypeScript SDK; in Python answer 503 in a middleware of your own, as `None` always means 401. Nextcloud says "bad" with 400 or 401.',
  },
  'resilience.jwks.rotation': {
    why: 'Nextcloud replaces its one signing key at once, without an overlap. A server that keeps the old one refuses every new login until somebody restarts it.',
    observed:
      'A JWT of the first key is accepted; then the key is replaced. A token of the new key must be accepted within 35 seconds, without a restart. One of the old key that was not seen before should then be refused.',
    failure:
      'Keys are fetched at start-up and kept in a variable, or the public key stands in the configuration. A cache of the key set lives for a day and is not refreshed at an unknown `kid`.',
    fix: '`createRemoteJWKSet(url, { cooldownDuration: 30_000, cacheMaxAge: 600_000 })` of jose or `PyJWKClient(url, lifespan=300)` fetch again at an unknown key id. Create it once, not per request; leave `cache_keys` of PyJWT off, as its entries never end.',
  },
  'resilience.jwks.bounded-fetch': {
    why: 'An unknown key id costs the sender nothing. If each one makes the server fetch the keys, anybody can use it to flood Nextcloud, and slow its logins down.',
    observed:
      'A hundred JWTs with random key ids are sent, ten at a time, with a good token beside each ten. Five requests for the keys are free, and one more for each second. Good tokens must be accepted within five seconds.',
    failure:
      'A refresh at every unknown `kid`, which is what rotation seems to ask for: `PyJWKClient.get_signing_key` of PyJWT has long done so without a pause. Or the set is built anew for each request, which makes its cooldown void.',
    fix: 'Share one `createRemoteJWKSet` of jose, which has a cooldown of 30 seconds. Around `PyJWKClient` keep the time of the last fetch and refuse unknown ids without asking within 30 seconds of it. Let concurrent requests wait for one fetch.',
  },
  'resilience.restart': {
    why: 'Servers are restarted for every release. Nobody should have to log in again for it, and no client should wait for an answer that died with the process.',
    observed:
      'The server is stopped with five calls in flight and started again with the same folder. Each call must end. The old session must be served or answered with 404, the old token must be accepted, and no new client registered if one was stored. The same with a restart of Nextcloud, after which calls must work within two seconds.',
    failure:
      'Unknown sessions are answered with 401 or 400. The client file is not found again, since it lies in the container. The stop waits for open streams, or leaves requests without an end.',
    fix: 'Answer unknown sessions with 404, after the token was checked. Put `NEXTCLOUD_OIDC_CLIENT_STORAGE` on a volume. On SIGTERM stop listening, end the streams, and close what is left after a few seconds (`server.closeAllConnections()`).',
  },
  'resilience.start-while-down': {
    why: 'After a power cut everything starts at once and Nextcloud is not the first. A server that gives up silently, or waits for ever, has to be found and started by hand.',
    observed:
      'Nextcloud refuses connections until a second after the server first asked it. The server must then become ready by itself and serve a call within five seconds, or have ended with a code other than 0 and a plain line. Meanwhile nobody may be let in without a token.',
    failure:
      'Discovery fails in the start-up hook and a traceback is all that is left. Or the server listens at once with no verifier, which means that it lets everybody in.',
    fix: 'Repeat discovery with growing pauses for a limited time, say so in one line of the log, then exit with a code so that systemd, Docker or Kubernetes starts it again (`restart: on-failure`). Listen early only if every request is answered with 503 until then.',
  },
  'resilience.token-cache-bounded': {
    why: 'Bad tokens cost nothing to make. Two hundred of them must not be enough to fill the memory or to make others wait.',
    observed:
      'The server runs as a process of its own and gets 50 invented tokens to warm up, then 200 with good ones in between. Its resident memory may grow by 40 MiB; good tokens must be accepted within five seconds and still be afterwards.',
    failure:
      'A client, a session or a whole error with its response is kept for each refused token. Plain dictionaries serve as caches. Refusals are cached under the token itself, without a limit.',
    fix: 'Bound every cache by entries and by time: `lru-cache` with `max` and `ttl`, `cachetools.TTLCache(maxsize=1000, ttl=60)`. Store a hash and the few claims that you need. Build sessions and clients only after the token was accepted.',
  },
  'resilience.many-sessions': {
    why: 'Clients vanish without a word: laptops are closed, programs are killed. A server that holds a file or a socket for each session stops accepting connections after some days.',
    observed:
      'A hundred sessions are opened and left, ten of them with an event stream whose connection is closed. Open descriptors may grow by 50 and memory by 64 MiB; bob must be able to open a session, and one that was ended must give 404. A server may refuse sessions beyond a limit of its own.',
    failure:
      'A client for Nextcloud with its own pool, a log file or a timer per session, and a map of transports from which nothing is removed but by DELETE.',
    fix: 'Share one HTTP client over all sessions. Remove sessions that were idle for, say, half an hour, with one timer for all; clients begin anew on 404. Clean up when the stream closes (`res.on("close")`). Or run without sessions: `sessionIdGenerator: undefined`, `stateless_http=True`.',
  },
}
