import type { Explanations } from '../explanation.js'

/** What the pages say of the server's own client. */
export const OWN_CLIENT: Explanations = {
  'registration.store.mode-0600': {
    why:
      'The file holds the client secret, and often the registration access token. Any other account of ' +
      'the machine, or any container on the same volume, that reads it can act as your server at ' +
      'Nextcloud.',
    observed:
      'The server is started in an empty folder with `umask 0` while the folder is watched. Every file ' +
      'there that names the client must be closed to group and others, at the end and at each moment in ' +
      'between, temporary drafts included.',
    failure:
      '`fs.writeFile` or `open(path, "w")` followed by `chmod 600`: between the two calls the file is as ' +
      'open as the umask allows. The same happens to an SQLite database, whose `-wal` and `-journal` ' +
      'files come with the mode of the main file only if that was right from the start.',
    fix:
      'Create with the mode: `fs.open(path, "wx", 0o600)` in Node, `os.open(path, os.O_WRONLY | ' +
      'os.O_CREAT | os.O_EXCL, 0o600)` or `tempfile.mkstemp` in Python; then rename over the old file. ' +
      'For SQLite create the empty file so before connecting. Setting `umask 077` at the start covers ' +
      'libraries that create files of their own.',
  },
  'registration.store.reload': {
    why:
      'Each start with a new client leaves a dead one in Nextcloud, counts against ten registrations a ' +
      'minute and about a hundred clients, and makes users who consented to the old client consent again.',
    observed:
      'The server is started, meets an opaque token, is stopped, and is started again in the same folder ' +
      'under the same public URL but on another port. The second start must send no registration and use ' +
      'no other client.',
    failure:
      'The file is written but read only on some paths; it lies in a container layer that does not ' +
      'survive; or the stored client is dropped because its redirect URI holds the port of the process ' +
      'instead of the public URL.',
    fix:
      'Before you register, read the file (`NEXTCLOUD_OIDC_CLIENT_STORAGE`), and use it when issuer and ' +
      'redirect URI match and `client_secret_expires_at` is 0 or far enough ahead. Derive the redirect ' +
      'URI from `NEXTCLOUD_MCP_SERVER_URL`, never from the listening socket. Mount a volume for the file.',
  },
  'registration.store.expired': {
    why:
      'With a dead client the server cannot introspect or log anybody in. Users are refused until an ' +
      'administrator finds out that a file must be deleted, which happens after every longer downtime, ' +
      'as clients live for an hour by default.',
    observed:
      "A first start stores a client that lives one second; after that has passed, on the server's real " +
      "clock and on Nextcloud's, a second start must register exactly one new client, and a third must " +
      'use it without registering.',
    failure:
      "The file's existence is taken for a valid client; `client_secret_expires_at` is compared in " +
      'milliseconds with seconds; or a new client is registered but the file is not overwritten, so ' +
      'every start registers again.',
    fix:
      'At the start compare `client_secret_expires_at * 1000` with `Date.now()` (`time.time()` in ' +
      'Python, both in seconds), with a margin of a minute or more; when it is over, register once, ' +
      'replace the file, go on. A read of `registration_client_uri` that answers 401 for longer than a ' +
      'replica may lag means the same.',
  },
  'registration.store.renew-while-running': {
    why:
      'A dynamic client lives an hour. A server that registers at the start only works for its author ' +
      'and fails in production after sixty minutes, for all users at once.',
    observed:
      'The server runs with a client that lives one second. Three seconds later an authorization makes ' +
      "Nextcloud drop expired clients, and a new flow's token is presented: it must be accepted, and the " +
      'server must have registered again by then, ahead of time or on demand.',
    failure:
      'Credentials are read into a constant at the start; a renewal exists but is called only from the ' +
      'start-up path; or introspection\'s 401 for a dead client is treated as "token invalid" and the ' +
      "user's good token is refused.",
    fix:
      'Hold the client behind a function such as `currentClient()` that registers anew when less than a ' +
      'tenth of its life is left, with one shared promise so that parallel requests register once. When ' +
      'introspection answers 401 `invalid_client`, renew and ask once more before you judge the token. A ' +
      'timer alone misses laptops that slept.',
  },
  'registration.store.never-expires': {
    why:
      '`client_secret_expires_at` 0 means "no end". Read as a date it lies in 1970, so the server throws ' +
      'a good client away at each start and registers again and again, until the limit of clients is ' +
      'reached.',
    observed:
      'On a Nextcloud whose registrations answer `client_secret_expires_at` 0 the server is started ' +
      'twice in one folder. The second start must send no registration.',
    failure:
      '`if (expiresAt < Date.now() / 1000)` without the special case; or a falsy 0 that is replaced by a ' +
      'default, as in `expires_at || now + 3600`, and stored so.',
    fix:
      'Write the test as `expiresAt !== 0 && expiresAt <= now + margin`, and keep the 0 in the file as ' +
      'it came. In Python beware of `if expires_at and …` for the case that means missing, and of ' +
      'dataclass defaults; use `None` for absent.',
  },
  'registration.store.corrupt': {
    why:
      'Full disks, killed processes and editors leave broken files. A server that crashes on one, or ' +
      'starts with half a client, stays down or refuses everybody until somebody reads a stack trace.',
    observed:
      'The client file of an earlier start is replaced by an empty file, a folder, half of its text, ' +
      'wrong types, or an object without `client_secret`. The server must start with a client that ' +
      'works, or end with a message and an exit code other than 0; no stack trace, no hang, and nothing ' +
      'of the broken file sent to Nextcloud.',
    failure:
      '`JSON.parse` or `json.load` without a catch at the start; a cast instead of a check, so that ' +
      '`client_secret` is undefined or a number when it is first used; a folder in place of the file, ' +
      "which Docker creates when a bind mount's source is missing.",
    fix:
      "Read, parse and validate in one function (zod's `safeParse`, pydantic's `model_validate_json`) " +
      'that returns "no client" for anything odd, log one line with the path and the reason, and ' +
      'register anew. When the path cannot be written, say so and end: `process.exitCode = 1` with the ' +
      'path in the message.',
  },
  'registration.store.concurrent-start': {
    why:
      'Two containers on one volume start at the same moment after a deployment. If they write in turns ' +
      'into one file, one reads half a JSON document and fails, or every later start registers again ' +
      'because the file fits nobody.',
    observed:
      'Four rounds of two servers that start together in one fresh folder while the file is read again ' +
      'and again. It must be whole JSON at any moment, both must become ready with at most two ' +
      'registrations, and a single start afterwards must use what they left.',
    failure:
      '`fs.writeFile` on the final path truncates first and writes afterwards, so that a reader between ' +
      'the two sees an empty file. Temporary names that are the same for both instances ' +
      '(`client.json.tmp`) mix two writers.',
    fix:
      'Write to a file of a random name in the same folder, sync it, and rename it over the old one: ' +
      'rename replaces in one step on the same file system (`os.replace` in Python). Read after writing ' +
      'and use what is there, so that both settle on one client. A lock file adds nothing here and ' +
      'outlives a killed process.',
  },
  'registration.store.issuer-bound': {
    why:
      'When `NEXTCLOUD_HOST` is changed, e.g. from test to production, a stored client of the old ' +
      'instance means nothing to the new one, and its secret is shown to a server that has no right to ' +
      'it.',
    observed:
      'The server is started in one folder on a first Nextcloud, and then in the same folder on another ' +
      'one with another issuer. The second must never see the `client_id` of the first, and must receive ' +
      'a registration.',
    failure:
      'The file holds `client_id` and secret but not where they are from, so any file is a good file. ' +
      'Docker volumes that survive a change of the environment make this common.',
    fix:
      'Store the issuer with the client and use it only when it equals, as a string, the issuer of the ' +
      'present discovery document; keep one entry per issuer or overwrite. The MCP SDK for TypeScript ' +
      'stamps stored client information with its issuer for the same reason.',
  },
  'registration.preconfigured-wins': {
    why:
      'Whoever sets a client id and secret wants that client: it does not expire, its consent is known, ' +
      'and registration may be closed. A server that registers anyway fails there, or asks users to ' +
      'consent to a stranger.',
    observed:
      'In a folder where a start without configuration has stored a dynamic client, the server is ' +
      'started with `NEXTCLOUD_OIDC_CLIENT_ID` and `NEXTCLOUD_OIDC_CLIENT_SECRET`. No registration may ' +
      'be sent and no other client named to Nextcloud.',
    failure:
      'The storage file is looked at before the environment, or the configured client is used for one ' +
      'purpose (introspection) and a registered one for another (login).',
    fix:
      'Resolve the client once, in the order: environment, stored file, registration. Hand that one ' +
      'object to everything that needs a client, and log at the start which of the three it was (the id, ' +
      'never the secret). Refuse to start when only one of the two variables is set.',
  },
  'registration.no-way-to-register': {
    why:
      'A server without any client looks healthy to its orchestrator and fails its first user, who ' +
      'cannot mend it. The administrator could have, had the start failed with a reason.',
    observed:
      'The server is started without configured client on a Nextcloud with registration off. It must end ' +
      'by itself with an exit code other than 0, and its output must name `NEXTCLOUD_OIDC_CLIENT_ID` and ' +
      'dynamic client registration; with registration on, the same start must work.',
    failure:
      'A missing `registration_endpoint` is only a warning, or the error is caught so that the health ' +
      'endpoint comes up; endless retries of a registration that is refused with 400; or a bare ' +
      '"undefined is not a valid URL".',
    fix:
      'After discovery decide: configured client, stored living client, or `registration_endpoint`; else ' +
      'print one message with both remedies (`NEXTCLOUD_OIDC_CLIENT_ID` with ' +
      '`NEXTCLOUD_OIDC_CLIENT_SECRET`; `occ config:app:set oidc dynamic_client_registration --value ' +
      'true`) and `exit 1`. Treat 400 `dynamic_registration_not_allowed` the same way. A server that ' +
      'needs no client of its own is not judged here.',
  },
  'registration.application-type': {
    why:
      'The default type is `"web"`, for which a provider may refuse `http://127.0.0.1` redirects, while ' +
      '`"native"` may be refused https ones. A server that works on Nextcloud today breaks with the ' +
      'first stricter provider.',
    observed:
      'The server is started once on this machine and once with ' +
      '`NEXTCLOUD_MCP_SERVER_URL=https://mcp.example.com`, and the registrations that arrive are read: ' +
      'native where all redirect URIs are loopback or of a private scheme, otherwise web.',
    failure:
      'The member is left out, because Nextcloud only echoes it and nothing fails; or one constant is ' +
      'sent whatever the public URL is.',
    fix:
      'Compute it from the redirect URI: hostname `localhost`, `127.0.0.0/8` or `[::1]`, or a scheme ' +
      'other than http and https, gives `application_type: "native"`, anything else `"web"`. Pass it in ' +
      "the metadata of openid-client's `dynamicClientRegistration`; a request of your own has it in the " +
      'JSON body.',
  },
}
