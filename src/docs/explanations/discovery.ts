import type { Explanations } from './explanation.js'

/** What the pages of the discovery checks say. */
export const DISCOVERY_EXPLANATIONS: Explanations = {
  'discovery.oidc-document': {
    why:
      'MCP clients and servers learn every other address from this one document. Where it is hidden, no ' +
      'login starts and the user sees only that the server "does not support" authorization.',
    observed:
      '`GET /.well-known/openid-configuration` below the address of the Nextcloud, without credentials ' +
      'and following redirects. Looked at: status 200, media type `application/json`, and a body that is ' +
      'one JSON object.',
    failure:
      'The web server in front of Nextcloud keeps `/.well-known` for itself (ACME challenges, a ' +
      'catch-all page), or its rule for the path is missing, so that a 404 or an HTML page comes back. A ' +
      'Nextcloud in a sub-folder is asked at the root of the host instead.',
    fix:
      'Pass `/.well-known/` on to Nextcloud as its documented nginx and Apache configurations do (a 301 ' +
      'to `/index.php/.well-known/…` is fine), and enable the oidc app. A server author can follow ' +
      'redirects, and fall back to `{Nextcloud}/index.php/apps/oidc/openid-configuration`, which is the ' +
      'same document; send no session cookie there, it ends the session.',
  },
  'discovery.rfc8414-document': {
    why:
      'Clients written for MCP revision 2025-06-18 look for OAuth authorization server metadata and for ' +
      'nothing else. Without it they give up; with one that names other endpoints than the OpenID ' +
      'document, two clients of one instance talk to different servers.',
    observed:
      '`GET /.well-known/oauth-authorization-server`, with the path of the issuer behind it, and the ' +
      'OpenID document. A 4xx counts only at revision 2025-06-18; where the document is there, its ' +
      'issuer, `jwks_uri` and every `*_endpoint` are compared with those of the OpenID document.',
    failure:
      "Nextcloud's oidc app does not serve this document in any released version: the address answers " +
      '404. Where an administrator wrote it by hand in the web server, it went stale when a path or the ' +
      'host name changed.',
    fix:
      'In Nextcloud, register a well-known handler that answers with the members of the OpenID document, ' +
      'built by the same code. An administrator can rewrite the path to the OpenID document rather than ' +
      'copy it. A server author can tell users that clients of revision 2025-11-25 are needed, since ' +
      'those read the OpenID document too; or list an address of their own in `authorization_servers` ' +
      "and serve the document there, with Nextcloud's endpoints and with that address as `issuer`, which " +
      'clients compare.',
  },
  'discovery.issuer-match': {
    why:
      'A client must throw away metadata that names another issuer than the one it asked, because that ' +
      'is how one server would pose as another. One trailing slash too many therefore stops every login.',
    observed:
      'The `issuer` member of the discovery document is compared, character by character, with the ' +
      'address under which the document was fetched.',
    failure:
      'Nextcloud builds the issuer from the request: scheme and host as they arrive behind the proxy. ' +
      'TLS that ends at a proxy gives `http://`, a container asked as `http://app` gives a name that ' +
      'nobody outside knows, and a slash at the end of the configured address is not in the issuer.',
    fix:
      'Set `overwriteprotocol`, `overwritehost` and `trusted_proxies`, so that Nextcloud knows its ' +
      'public name; `overwrite.cli.url` changes nothing for web requests. In a server, strip a final ' +
      'slash from the configured Nextcloud address once, ask by the public name, and give exactly that ' +
      "string to `discovery(new URL(issuer), …)` of openid-client or to the `issuer` option of jose's " +
      '`jwtVerify`.',
  },
  'discovery.issuer-not-host-controlled': {
    why:
      'Whoever can put a host name of their own into a document that a proxy caches, or that a server ' +
      'fetches for others, decides where people type their passwords and where codes and client secrets ' +
      'are sent.',
    observed:
      'The document is fetched once with `X-Forwarded-Host`, `X-Forwarded-Server` and `Forwarded` naming ' +
      '`evil.example`, and once with that name as `Host`. The name must appear nowhere in what comes ' +
      'back; a refusal is as good as the usual document.',
    failure:
      '`trusted_proxies` holds `0.0.0.0/0` or the whole container network, so forwarded headers of ' +
      'anybody count; or `trusted_domains` is `"*"`, the quick remedy for the "untrusted domain" page.',
    fix:
      'List the real proxy addresses in `trusted_proxies` and the real names in `trusted_domains`, and ' +
      'set `overwritehost` when there is only one public name. Meanwhile a server should compare ' +
      '`issuer` and the origin of every endpoint with the address in its own configuration, and refuse ' +
      'to start on a difference.',
  },
  'discovery.required-fields': {
    why:
      'OAuth libraries parse the document strictly: one missing or mistyped member and they throw before ' +
      'the first request. An `http://` endpoint lets anybody on the way read codes and secrets.',
    observed:
      'The discovery document is read. Looked at: `issuer`, `authorization_endpoint`, `token_endpoint`, ' +
      '`jwks_uri` and the lists that OpenID asks for; their JSON types; that `code` and `RS256` are ' +
      "listed; that every URL off loopback is https and (as advice) of the issuer's origin; and that the " +
      'issuer has neither query nor fragment.',
    failure:
      'The instance is reached over plain http, or the proxy does not say that the outside is https, so ' +
      'that every URL starts with http://. Hand-written or patched documents forget a list, or hold a ' +
      'string where a list belongs.',
    fix:
      'Set `overwriteprotocol` to https and `trusted_proxies`, then read the document again; remove ' +
      'patches of the oidc app that edit it. A server author can do without what is merely missing (give ' +
      "openid-client's `Configuration` the metadata by hand) but must not go on over http with a host " +
      'that is not loopback.',
  },
  'discovery.endpoints-live': {
    why:
      'An endpoint that is announced and leads nowhere fails in the middle of a login, long after ' +
      'everything looked well, and the error names a path that the user never heard of.',
    observed:
      'Every endpoint of the document gets the smallest harmless request: GET for the key set, userinfo, ' +
      'authorize, logout and registration, an empty POST for token and introspection. Each must answer ' +
      'as that endpoint does, e.g. the token endpoint with 400 or 401 and a JSON error, and none with ' +
      '404, 410 or 5xx.',
    failure:
      'The document says `/apps/oidc/…` while the web server answers only `/index.php/apps/oidc/…`, or ' +
      'the other way round; the app was just updated and the route cache or opcache still serves the old ' +
      'routes; a web application firewall blocks POST.',
    fix:
      'Decide for one form of URL (`htaccess.RewriteBase` with pretty URLs, or `index.php` everywhere) ' +
      'and restart PHP after updates of the app. A server should log method, URL and status of a failing ' +
      'endpoint, and never guess the other form of the path by itself.',
  },
  'discovery.pkce-s256': {
    why:
      'MCP clients must refuse an authorization server that does not announce `S256`, so nobody can log ' +
      'in at all. Announcing it without enforcing it is worse: clients feel safe and an intercepted code ' +
      'is good.',
    observed:
      '`code_challenge_methods_supported` of the discovery document must be a list that holds `S256`. At ' +
      'revision 2025-06-18 a miss is a warning.',
    failure:
      'The oidc app knows PKCE since version 1.10.0. Version 1.9.0 does not announce it, and a patch in ' +
      'circulation adds the announcement alone, while any `code_verifier` is still accepted there.',
    fix:
      'Update the oidc app to 1.10.0 or later and drop the patch; the setting ' +
      '`proof_key_for_code_exchange` is read by no release. A server author can only document the ' +
      'version that is needed: a copy of the metadata with `S256` added would make clients trust what is ' +
      'not there.',
  },
  'discovery.registration-endpoint.enabled': {
    why:
      'Without `registration_endpoint` neither MCP clients nor a server without configured credentials ' +
      'can get a client, and "set this key" is what every installation guide tells the administrator to ' +
      'do.',
    observed:
      "On an instance of the check's own (or one with admin access) the key " +
      '`dynamic_client_registration` of the oidc app is removed, then set to the string `"true"`. After ' +
      'at most five seconds `registration_endpoint` must be in the document, and a POST with one ' +
      'redirect URI must give 201 and a `client_id`.',
    failure:
      'The value is not the exact string `true` (`1`, `yes`, or a boolean from another tool); the cache ' +
      'of app settings on the web server is still old, up to three seconds after occ; a proxy caches the ' +
      'document; or a patched document leaves the member out.',
    fix:
      'Run `occ config:app:set oidc dynamic_client_registration --value true`, wait some seconds, and ' +
      'look at the document without a cache between. A server that starts right after the setting should ' +
      'read the document again a few times with growing pauses before it says that registration is off.',
  },
  'discovery.registration-endpoint.disabled': {
    why:
      'A client that sees `registration_endpoint` tries it and fails, instead of asking the user for a ' +
      'client id. A server then ends with an error about a refused registration while the real cause is ' +
      'a switch.',
    observed:
      'The key `dynamic_client_registration` is set to `true` (`registration_endpoint` must appear), ' +
      'then removed, and once more with `"false"`. Each time the member must be gone from the document ' +
      "within the time of Nextcloud's settings cache.",
    failure:
      'The document is produced by code that does not look at the switch, is cached by a proxy across ' +
      'the change, or the test of the value takes any non-empty text, `"false"` included, for yes.',
    fix:
      'In Nextcloud, build the member from the same condition that the registration endpoint uses, and ' +
      'let no proxy keep the document. A server should treat an error `dynamic_registration_not_allowed` ' +
      'like a missing member, and name both remedies: the occ key and `NEXTCLOUD_OIDC_CLIENT_ID` with ' +
      'its secret.',
  },
  'discovery.registration-endpoint.wrong-key': {
    why:
      'Guides have named `allow_dynamic_client_registration`, a key that the app does not know. An ' +
      'administrator who set it must see that nothing happened; if it had half an effect, registration ' +
      'would be open to strangers where somebody believes that it is closed.',
    observed:
      'Only `allow_dynamic_client_registration` is set to `"true"`. No `registration_endpoint` may ' +
      "appear and a registration at the app's known path must be refused; setting " +
      '`dynamic_client_registration` afterwards must open it.',
    failure:
      'A fork or patch of the oidc app reads the other key as an alias, in the document, in the ' +
      'endpoint, or in only one of them.',
    fix:
      'Read `dynamic_client_registration` alone, in one place for both. Server authors: name that key ' +
      'literally in the documentation and in the message about a missing `registration_endpoint`.',
  },
  'discovery.jwks.shape': {
    why:
      'Servers verify JWTs with these keys alone. A key set without a usable RSA key makes every JWT ' +
      'fail; a private member in it lets anybody sign tokens for any user.',
    observed:
      'GET `jwks_uri`. Looked at: 200 with a list `keys`; no private or symmetric member (`d`, `p`, `q` ' +
      'and so on, `k`); `kty`, `n` and `e` of RSA keys; at least 2048 bits; `kid`, `use` or `key_ops`; ' +
      'and at least one RSA key for signatures.',
    failure:
      'The stored key values of the app (`kid`, `public_key_n`, `public_key_e`) were edited by occ or ' +
      'came back from a backup only in part, or a patch publishes a whole key pair as one JWK. A proxy ' +
      'that answers `jwks_uri` with its login page also ends here.',
    fix:
      'Let the oidc app generate its key pair again ("regenerate" in its settings; this swaps the key at ' +
      'once, so running tokens fail); a private key that was published counts as known and must be ' +
      'replaced. Servers should use `createRemoteJWKSet` of jose or `PyJWKClient` of PyJWT, which pick ' +
      'by `kid` and refetch on an unknown one, instead of taking the first key.',
  },
  'discovery.server-follows-document': {
    why:
      'Paths differ with the version of the app, with pretty URLs and with sub-folders. A server that ' +
      "has them built in works on its author's machine and fails on the next Nextcloud.",
    observed:
      'The server is started on a Nextcloud whose endpoints all sit at other paths than usual ' +
      '(…-elsewhere), as its discovery document says, and gets one opaque token and one JWT. The request ' +
      'log of that Nextcloud must show no call to a usual path.',
    failure:
      'Constants such as `"/apps/oidc/userinfo"` or `"/apps/oidc/introspect"` are joined to the host; ' +
      'often only one of them, written before that endpoint was in the document.',
    fix:
      'Read `userinfo_endpoint`, `introspection_endpoint`, `jwks_uri`, `token_endpoint` and ' +
      '`registration_endpoint` from the document at the start and keep them with the issuer. ' +
      'openid-client does this in `discovery()` and its `Configuration`, and Authlib from ' +
      '`server_metadata_url`; then search your source for `"/apps/oidc/"` and leave nothing but the ' +
      'fallback for the document itself.',
  },
  'discovery.server-rejects-wrong-issuer': {
    why:
      'Metadata that names another issuer comes from a mistake or from an attacker. A server that uses ' +
      'it anyway asks a stranger which tokens are good, and sends its client secret there.',
    observed:
      'The server is started on a Nextcloud that calls itself `http://issuer.example`, and gets a good ' +
      'opaque token and a good JWT of that instance. It must not start, or accept neither; the same ' +
      'server on an honest Nextcloud must accept one of them.',
    failure:
      'The document is fetched with plain HTTP code and its issuer is never looked at, or the expected ' +
      'issuer of JWTs is taken from the very document that should be checked.',
    fix:
      'Compare `issuer` with the configured address as strings, before anything else of the document is ' +
      'used, and end with a message that shows both. `discovery()` of openid-client does it by itself. ' +
      'Where public and internal address differ, take the public issuer from the configuration (the ' +
      'reference server calls it `NEXTCLOUD_PUBLIC_ISSUER_URL`) instead of dropping the comparison.',
  },
}
