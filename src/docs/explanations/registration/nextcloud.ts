import type { Explanations } from '../explanation.js'

/** What the pages say of registration at Nextcloud. */
export const NEXTCLOUD_REGISTRATION: Explanations = {
  'registration.success-fields': {
    why:
      'The answer to a registration is all that a client ever learns about itself. Without ' +
      '`client_secret_expires_at` it cannot renew in time and fails an hour later; without the metadata ' +
      'it does not notice that something else was registered than it asked for.',
    observed:
      'One POST to `registration_endpoint` with name, redirect URI, `grant_types`, `response_types` and ' +
      '`token_endpoint_auth_method`. Looked at: 201, `application/json`, a `client_id`, ' +
      '`client_secret_expires_at` as a whole number from 0 up when there is a secret, every sent member ' +
      'in the answer, and `redirect_uris` unchanged.',
    failure:
      'A proxy or a patch turns 201 into 200, or the answer leaves out what the server ignored. An ' +
      'expiry as text or missing comes from clients that were meant never to end.',
    fix:
      "In Nextcloud's app, answer from the stored row and send `client_secret_expires_at` as an integer " +
      '(0 for "never"). A server should take the answer, not its own request, for the truth: ' +
      "openid-client's `dynamicClientRegistration` refuses a secret without an expiry, hand-written code " +
      'should as well.',
  },
  'registration.duplicate-metadata': {
    why:
      'Names and redirect URIs are public. If the same metadata gave the same client, whoever copies ' +
      "them would receive somebody's client id and secret, and could redeem that client's codes.",
    observed:
      'The same metadata, `software_id` included, is registered twice. `client_id`, `client_secret` and ' +
      '`registration_access_token` must differ, and the length and alphabet of the secrets must leave ' +
      'room for 128 random bits.',
    failure:
      '"Be idempotent" code that looks up an existing client by name or `software_id` and returns it; a ' +
      'cache in front of the registration endpoint that answers a POST from memory; secrets cut down to ' +
      'fit a column.',
    fix:
      'Insert a new row for every POST and draw its secrets from `ISecureRandom`; the released app gives ' +
      '64 letters and digits. A server that wants one client only must remember its own (a file that it ' +
      'reads before it registers) rather than expect the provider to recognise it.',
  },
  'registration.expiry-honest': {
    why:
      'A server plans the renewal of its client by `client_secret_expires_at`. If the client ends ' +
      'earlier, users are refused at a moment that nobody can explain; if it lives on, removing access ' +
      'by waiting does not work.',
    observed:
      '`client_expire_time` is set to a short life and a client registered. It must get a code and ' +
      'tokens 30 s before its announced end, and 3 s after it neither a code nor tokens for a code that ' +
      'was issued before; the clock is moved, or waited for on a real instance.',
    failure:
      'Nextcloud computes the end from the setting of the moment, so changing `client_expire_time` moves ' +
      "the end of clients that exist, and rows are purged only by somebody's next register or authorize " +
      'call. Version 1.9.0 refuses the expired client with `invalid_request`. Nodes with skewed clocks ' +
      'end clients early.',
    fix:
      'Store the end with the client, compare with that one value at authorize, token and introspection, ' +
      'and answer `invalid_client`. A server should renew some time before the end (a tenth of the life, ' +
      'say), treat any 4xx about its client near the end as "register anew", and keep its clock ' +
      'synchronised.',
  },
  'registration.error.invalid-metadata': {
    why:
      'A client that hears "500" takes its own mistake for an outage and tries for ever; one that gets a ' +
      "half-made client finds out at the user's login. Without a known error code no library can tell " +
      'the user what to correct.',
    observed:
      'A good registration first, then faulty ones: `redirect_uris` missing, null, empty or a string, ' +
      'broken JSON, a JSON array, numbers in `response_types`, a name of 1 MiB. Each (on an attached ' +
      'instance only three) must give 400 with a registered error code and no client; the last two may ' +
      'also be registered with a sound value in place of the bad one.',
    failure:
      "Nextcloud's app has codes of its own (`no_redirect_uris_provided`) and hands a string to a " +
      'parameter that PHP types as array, which ends in a 500 page. A body that is no JSON counts as one ' +
      'without parameters.',
    fix:
      "In the app, check types before the controller's typed parameters see them, and use " +
      '`invalid_redirect_uri` and `invalid_client_metadata`. A server must show `error` and ' +
      '`error_description` of any 4xx, must not retry a 4xx, nor a 5xx without end, and must send ' +
      '`redirect_uris` as a list even for one URI.',
  },
  'registration.redirect-uri.schemes': {
    why:
      'Registration is open to strangers. Whoever can register `javascript:` or a plain http address has ' +
      'codes sent there, or script run, once a user of this Nextcloud follows a link and logs in at a ' +
      'page that they trust.',
    observed:
      'One client is registered with good URIs (loopback http, https, a private-use scheme), and then ' +
      'one per bad URI: `javascript:`, `data:`, http at a foreign host, a fragment, wildcards, text that ' +
      'is no URI. Every bad one must be refused without a 5xx; on attached instances only two are tried.',
    failure:
      'The oidc app stores `redirect_uris` of dynamic registrations as they come; its syntax test runs ' +
      'for the admin page and occ only.',
    fix:
      'In the app, call the test that the admin page uses from the registration controller too, and let ' +
      'only https, loopback http and private-use schemes pass. Meanwhile keep ' +
      '`dynamic_client_registration` off where a client made with `occ oidc:create` will do, and let ' +
      'your server register one exact https or loopback URI with its port.',
  },
  'registration.disabled-refused': {
    why:
      'The switch is off by default, and administrators rely on it: an endpoint that registers all the ' +
      'same lets strangers create clients on an instance that was meant to have none.',
    observed:
      'With `dynamic_client_registration` set to `true` a registration must work; then the key is ' +
      'removed, and after that set to `"false"`. Each time the same POST must be refused with 4xx and a ' +
      'JSON body with `error`.',
    failure:
      'Only the discovery document looks at the switch, or a refusal is rendered as an HTML page. A ' +
      'value such as `"false"` passes a test for non-empty text, and a cache of settings keeps the old ' +
      'value for seconds.',
    fix:
      'In the app, compare the setting with the exact string `true` at the top of the registration ' +
      'method and answer 400 with an error code. A server that is refused should print that error ' +
      'together with both ways out: `occ config:app:set oidc dynamic_client_registration --value true`, ' +
      'or a configured client.',
  },
  'registration.cap': {
    why:
      'Anybody on the network can register. Without a limit a loop fills the table of clients and slows ' +
      'down every login; a limit that never gives slots back locks everyone out.',
    observed:
      "Clients are registered on an instance of the check's own, ten at a time and singly near 100, " +
      'until one is refused with 4xx and a JSON error. Then the first client must still get a code, and ' +
      'deleting a client, or the end of their lives, must make room again.',
    failure:
      'On SQLite the app never refuses. On MariaDB it refuses when more than 100 rows are there, so that ' +
      '101 fit. Servers that register at each start without deleting the old client are what fills the ' +
      'table in practice.',
    fix:
      'In the app, count living dynamic clients with `>= 100` in the same transaction as the insert, on ' +
      'every database. A server should keep its one client across restarts, delete it with its ' +
      '`registration_access_token` when it is retired, and report `max_num_clients_exceeded` as "wait ' +
      'until clients expire or remove some" instead of retrying.',
  },
  'registration.throttling': {
    why:
      'Registration creates rows without a login, and the client configuration endpoint tells right ' +
      'tokens from wrong ones. Unlimited, one is a way to fill the database and the other a way to guess.',
    observed:
      'On an embedded Nextcloud with rate limit and brute-force protection on: twelve registrations at ' +
      'once must meet a 429, which must be over a minute later; then up to twenty wrong registration ' +
      'access tokens, which must meet a 429 or answers slower than a second.',
    failure:
      'Administrators switch `ratelimit.protection.enabled` or `auth.bruteforce.protection.enabled` off ' +
      'because their tests or containers ran into 429; in code, a route without the `AnonRateLimit` ' +
      'attribute, or a refusal that never reports the attempt to the throttler.',
    fix:
      'Keep both settings on; the allow list of the `bruteforcesettings` app spares test machines the ' +
      'brute-force delays. In the app, annotate the method and throttle wrong tokens. A server behind a ' +
      'proxy shares its limit of ten a minute with its siblings: register once, store the client, and on ' +
      '429 (it comes without `Retry-After`) wait at least a minute.',
  },
  'registration.management.read': {
    why:
      'Reading its own registration is how a server finds out, without troubling a user, whether its ' +
      "client still exists. An answer about another client would hand out that client's secret.",
    observed:
      "Two clients are registered, and the first one's `registration_client_uri` is read with its " +
      '`registration_access_token`. Looked at: 200, its own `client_id`, redirect URIs and secret as ' +
      'registered, and `registration_client_uri` and `registration_access_token` in the answer.',
    failure:
      'The app leaves the `registration_access_token` out of the answer (known of 2.0.9). Reads from a ' +
      'lagging replica say 401 for a moment; a lookup by token alone, without comparing the id in the ' +
      'path, would return a neighbour.',
    fix:
      "In the app, look the client up by path, compare the token's owner with it, and return the whole " +
      'registration. A server must keep the token that its registration came with: take over from a read ' +
      'only the members that are there, so that an absent one erases nothing.',
  },
  'registration.management.auth': {
    why:
      "At this address a stranger could read a client's secret, point its redirect URI to their own " +
      'host, or delete it. The registration access token is all that prevents it.',
    observed:
      "GET, PUT and DELETE on a client's `registration_client_uri` with no token, an unknown one, " +
      "another client's, and a person's access token. Each must give 401 or 403 without data of the " +
      'client, and the client must be unchanged afterwards; on an attached instance only three of the ' +
      'twelve are sent.',
    failure:
      'Middleware authenticates any bearer token and the controller forgets to ask whose it is; or one ' +
      'method (often PUT) is missing from the list of guarded ones. Error pages that echo the stored ' +
      'client give its secret away.',
    fix:
      'In the app, resolve the token to a client, require equality with the id of the path before ' +
      'anything else, answer 401 `invalid_token`, and count the attempt. A server should store the ' +
      '`registration_access_token` like the secret (mode 0600, never logged) and send it to the stored ' +
      '`registration_client_uri` only.',
  },
  'registration.management.delete': {
    why:
      'An administrator or server that removes a client expects its access to end. Refresh tokens that ' +
      'survive let a stolen token be renewed for a client that no list shows any more.',
    observed:
      'A client with an access and a refresh token for alice deletes itself with its ' +
      '`registration_access_token`. Expected: 204, then 401 on reading it, no code at authorize, no ' +
      'tokens for the refresh token, and (as advice) its access token dead at userinfo and at the OCS ' +
      'API.',
    failure:
      'Deleting the row only: tokens in another table without a foreign key stay. In the oidc app the ' +
      'DELETE request removes tokens too, but a client that is deleted by occ or by expiry leaves its ' +
      'access tokens, which the APIs go on honouring.',
    fix:
      'In the app, delete tokens, codes, consents and the registration token in one transaction, and use ' +
      'the same function for occ, expiry and DELETE. A server that goes out of service should delete its ' +
      "client itself; where a user's access must end at once, have the user's consent revoked or the " +
      'session logged out as well.',
  },
}
