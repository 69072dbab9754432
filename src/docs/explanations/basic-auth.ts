import type { Explanations } from './explanation.js'

export const BASIC_AUTH_EXPLANATIONS: Explanations = {
  'basic.no-authorization-needed': {
    why: 'In basic mode the client has nothing to show. One that is challenged starts a login that leads nowhere, and the user sees an authorization error of a server that was meant to need none.',
    observed:
      '`initialize`, the list of tools, a tool that changes nothing, `resources/list`, `ping` and the end of the session are sent without credentials. None may be answered with 401 or 403, and no answer may have `WWW-Authenticate`.',
    failure:
      'The guard of oauth mode is mounted in both modes, or the mode is chosen from one variable that is not set. A 401 that Nextcloud gave is passed on with its challenge.',
    fix: 'Choose the mode once at the start (`NEXTCLOUD_USERNAME` and `NEXTCLOUD_PASSWORD` set: basic) and mount the guard in oauth mode only. Turn refusals of Nextcloud into tool errors.',
  },
  'basic.acts-as-configured-user': {
    why: "The operator named one user. If tools work in another space, that person's data is changed by strangers; if they work in none, writes disappear or fail with 404.",
    observed:
      "A note and a file are made by tools; then Nextcloud is asked with alice's and with bob's credentials where they are. Where the server can be started again, `NEXTCLOUD_USERNAME` is also written in capitals and as the email address, as far as Nextcloud takes it, and the file and the note must still land with alice.",
    failure:
      'Paths such as `/remote.php/dav/files/<name>/` and `/remote.php/dav/calendars/<name>/` are built from the login name. Nextcloud lets people in by email or in other letter case, but its paths have the user id.',
    fix: 'Ask for the id once after the start, with `GET /ocs/v2.php/cloud/user?format=json` and `OCS-APIRequest: true`, and use `ocs.data.id`, percent-encoded, in all DAV paths. Keep the login name for the `Authorization` header only.',
  },
  'basic.wrong-password': {
    why: 'Passwords are changed and app passwords revoked. A server that dies of it, or that tries again and again, turns that into an outage or into a locked account: Nextcloud counts each attempt against the address.',
    observed:
      'The server is started with a wrong password and `nc_notes_search_notes` is called. The answer must be a tool error that points to the credentials, with at most two attempts at Nextcloud, and the process must live. Then the password is made right at Nextcloud and the next call must succeed.',
    failure:
      'The first request runs at start-up and its exception ends the process. Clients with an automatic retry treat 401 like a network fault. Once refused, some servers remember it for ever.',
    fix: 'Do not log in at the start, or survive its failure. Catch the 401 of Nextcloud in the client and raise a tool error such as "Nextcloud refused the credentials (401): check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD". No retries for 4xx.',
  },
  'basic.no-credential-leak': {
    why: "The password in the environment opens the whole account, often for calendars, mail and files alike. In a model's transcript or a log it is out of the operator's hands.",
    observed:
      'Two servers run, one of them with the credentials inside of `NEXTCLOUD_HOST`, through missing notes, wrong arguments, an outage, errors with status 500 and a changed password. All their answers and log lines are searched for the password and for its Basic form, whole and in pieces.',
    failure:
      'Errors of HTTP clients quote the URL, which has the user and the password when they were written into the host. Start-up banners print the configuration.',
    fix: 'Take user information out of `NEXTCLOUD_HOST` (or refuse it) before a URL is built, and send credentials by header. Word errors yourself from method, path and status. Print names of variables, never their values.',
  },
  'basic.no-oauth-metadata': {
    why: 'Clients look for metadata by themselves. One document is enough to make them register, open a browser and fail, though the server would have served them.',
    observed:
      'The well-known addresses of protected resources, authorization servers and OpenID providers are fetched at the root, with the path of the endpoint inserted, and below the endpoint. Each must be 404. No answer, also to unknown and missing sessions, may carry a Bearer challenge.',
    failure:
      'The routes of metadata are registered whatever the mode, with empty or example values. A single-page fallback answers every GET with 200 and HTML.',
    fix: 'Register these routes in oauth mode only, and answer unknown paths with 404. Check with `curl -i http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp`.',
  },
  'basic.ignores-client-credentials': {
    why: 'Whoever reaches the port could otherwise use the server to try passwords and tokens at Nextcloud from its address, or act there as somebody else.',
    observed:
      "Notes are created in sessions whose requests carry an invented bearer token, bob's token, bob's password and a wrong password. None may reach the private Nextcloud, and no note may land with bob. Without credentials a note must land with alice, before and afterwards.",
    failure:
      "The proxy part copies the client's headers to Nextcloud and adds its own only when there is no `Authorization`. Or one client for both modes prefers a token when it sees one.",
    fix: 'Build the headers for Nextcloud from nothing, with the configured credentials. You may ignore the header of the client or refuse the request; never use it.',
  },
  'basic.env.missing': {
    why: 'A server that starts half-configured fails at the first call of a user, in words that say nothing of a variable, while its supervisor reports it as healthy.',
    observed:
      'The server is started without `NEXTCLOUD_HOST`, with a host that is no URL, without the password, and without the user. It must end with an exit code other than 0 and name the variable. Starting in OAuth mode instead counts only if the log says so. With everything set it must start.',
    failure:
      'Variables are read where they are needed, with an empty default. A missing password silently selects another mode. The message is a `KeyError` or a validation trace that names a field, not the variable.',
    fix: 'Validate the whole environment before you listen (zod, pydantic-settings), print one line per fault with the name of the variable, and exit with a code such as 2. Treat one of user and password without the other as a mistake.',
  },
  'basic.local-bind': {
    why: 'Basic mode asks nobody for credentials: everybody who reaches the port is the configured user. On `0.0.0.0` that is the whole café.',
    observed:
      'Without any option for the address the server must answer on 127.0.0.1 and refuse connections on 127.0.0.2 and on the other addresses of the machine. An address counts only if a listener that is known to be on 127.0.0.1 alone refuses there.',
    failure:
      '`app.listen(port)` in Node and `--host 0.0.0.0` from a Dockerfile listen everywhere. The default was chosen for containers and left for everybody.',
    fix: "Default to 127.0.0.1 (`app.listen(port, '127.0.0.1')`, `uvicorn --host 127.0.0.1`, `FastMCP(host=\"127.0.0.1\")`) and let the image set the wide address by an option or variable. Publish the container's port with `-p 127.0.0.1:8000:8000`.",
  },
}
