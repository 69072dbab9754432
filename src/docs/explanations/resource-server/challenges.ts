import type { Explanations } from '../explanation.js'

/** What a client is told before it has a token: the challenge and the metadata. */
export const CHALLENGES: Explanations = {
  'rs.challenge.401': {
    why: 'A client starts a login when it sees a 401 with a Bearer challenge, and at nothing else. Any other answer looks like a broken server to it, and an answer with a result opens the server to everybody.',
    observed:
      "`initialize`, `tools/list`, `tools/call`, `server/discover`, a GET and a DELETE are sent to the MCP endpoint without an `Authorization` header. Each must be answered with 401 and `WWW-Authenticate: Bearer …`, without a result or a session id. With alice's token `tools/list` must work.",
    failure:
      'The check of the token guards the handler of POST alone, or it runs after the lookup of the session, so that GET and DELETE are answered with 400, 404 or 405 first. Some servers leave `initialize` and `tools/list` open on purpose. Others answer 200 with a JSON-RPC error, or lose the header in a reverse proxy.',
    fix: "Let the token be checked first, for every method: in the TypeScript SDK `app.use('/mcp', requireBearerAuth({ verifier, resourceMetadataUrl }))` before the transport, in the Python SDK `FastMCP(auth=AuthSettings(…), token_verifier=…)`. Look at the answer with `curl -i -X DELETE` too, through the proxy that users go through.",
  },
  'rs.www-authenticate.resource-metadata': {
    why: 'The parameter tells a client where to read which authorization server issues tokens for this endpoint. Without it older clients give up, and newer ones have to guess an address.',
    observed:
      'The challenges to an `initialize` without a token and to one with an invented token must both have `resource_metadata`, as a quoted string, and a GET of that URL without a token must give a JSON object. If the parameter is missing but a well-known document exists, revisions from 2025-11-25 on make it a warning.',
    failure:
      'The middleware is used without its option for the address, or the address is built from the name that the server has inside its network, so that clients cannot reach it. The value is written without quotes, or only the answer to a missing token has it, as the one to a bad token is written elsewhere.',
    fix: 'TypeScript SDK: `resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(new URL(publicUrl))`. Python SDK: set `resource_server_url` in `AuthSettings`. Take the public address from the configuration (`NEXTCLOUD_MCP_SERVER_URL`), never from the socket, and serve the document outside of the guarded routes.',
  },
  'rs.www-authenticate.error-code': {
    why: 'The code decides what a client does next. `invalid_token` makes it renew or drop its token; the same code where no token was sent makes some clients delete a login that was good, or ask the user twice.',
    observed:
      'The challenges to a request without a token and to one with 72 random characters are compared: `error="invalid_token"` only in the second, no `error`, `error_description` or `error_uri` in the first. No parameter may come twice or have characters that RFC 6750 excludes.',
    failure:
      'One function writes the challenge for both cases; `requireBearerAuth` of the TypeScript SDK 1.x is such a one and says `invalid_token` about a header that is not there. Descriptions that quote an exception bring in quotation marks, line breaks or characters beyond ASCII.',
    fix: 'Answer a request without an `Authorization` header before the middleware sees it: 401 with `Bearer resource_metadata="…", scope="…"`. For a refused token add `error="invalid_token"` and a fixed `error_description` in ASCII without quotes and backslashes.',
  },
  'rs.www-authenticate.scope': {
    why: 'A client that is not told what to ask for requests every scope it can find, so that the user is asked to allow too much, or too few, so that the first call fails.',
    observed:
      'The challenge to a request without a token must name a `scope`. A token with exactly that scope is then issued to alice and must be let in. Not asked of revisions before 2025-11-25.',
    failure:
      'The scope stands in the metadata document only. Or the challenge names a part (`openid`) of what the verifier requires, because the two are configured in different places, so that a client which does as told is refused.',
    fix: 'Keep the list of required scopes in one constant and use it for the challenge and for the check. `requireBearerAuth` writes it into the header when `requiredScopes` is set. Name what an ordinary session needs; ask for more with a 403 when a call needs it.',
  },
  'rs.prm.well-known-path': {
    why: 'Clients compute the address of the metadata from the address that the user typed in. A document at another path is a document that is not there.',
    observed:
      'For an endpoint `https://host/mcp` a GET of `https://host/.well-known/oauth-protected-resource/mcp`, without a token and without following redirects, must give 200 with a JSON object of type `application/json`. None of its members may be an empty array.',
    failure:
      'The well-known part is appended to the endpoint (`/mcp/.well-known/…`), or the document is at the root alone. Behind a reverse proxy only `/mcp` is passed on. Empty lists come from serialising optional members such as `scopes_supported: []`.',
    fix: 'TypeScript SDK: `mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl, scopesSupported })`, mounted at the root of the app, serves the right path. Route `/.well-known/oauth-protected-resource` and everything below it to the server in nginx or Traefik as well. Leave members without values out.',
  },
  'rs.prm.resource-identical': {
    why: 'A client must throw a document away that describes another resource than the one it talks to, and it asks for tokens for what stands there. One character more, and either no login happens or the tokens carry an audience that the server refuses.',
    observed:
      'The document that the challenge or the well-known path leads to is fetched, and its `resource` compared with the address of the endpoint character by character.',
    failure:
      "The origin stands there without `/mcp`, or with a slash at the end: `URL` objects and pydantic's `AnyHttpUrl` add one to a bare origin. Behind a proxy it is `http://`, an internal name or an internal port.",
    fix: 'Configure the public address of the endpoint once and derive everything from that string: `resource`, the expected audience, and `resource_metadata`. Here the variable is `NEXTCLOUD_MCP_SERVER_URL`, to which the server adds `/mcp`. Do not derive it from `Host` or `X-Forwarded-*`.',
  },
  'rs.prm.authorization-servers': {
    why: "The entry is the client's only way to Nextcloud. One that it cannot reach ends the login before it starts, and one whose metadata names another issuer is what a mix-up attack looks like.",
    observed:
      'Every entry of `authorization_servers` must be a URL for which authorization server metadata is found from where clients are, and the `issuer` in that metadata must equal the entry character by character.',
    failure:
      'The server lists the address under which it reaches Nextcloud itself (`http://app`, `http://nextcloud:80`), as both run in containers. Or the entry has a slash at its end that the issuer has not. Nextcloud builds its issuer from the host it was asked under, so that the two differ by the way one asks.',
    fix: "Keep two settings apart: the internal address for the server's own requests, and the public issuer for everything that clients see. Take the entry from the `issuer` of the discovery document as fetched under the public name. In Nextcloud set `overwrite.cli.url`, `overwritehost` and `overwriteprotocol` so that it answers with one name.",
  },
  'rs.prm.scopes-supported': {
    why: 'Clients without a hint in the challenge ask for all that is listed. A scope that Nextcloud does not grant makes them fail or loop, and `offline_access` makes every client hold a refresh token that the server never needed.',
    observed:
      '`scopes_supported` must be an array of texts. Neither it nor the challenge may name `offline_access`. Scopes that the metadata of the authorization server does not list are asked for with a fresh client, and must be in what was granted.',
    failure:
      "The list is copied from Nextcloud's discovery document, `offline_access` included, or names scopes such as `mcp:tools` that the oidc app cuts from every request because no client was allowed them.",
    fix: 'List the scopes by which your tools are guarded and those of the sign-in that you read (`openid profile email`). A client that registers with such a `scope` gets them; test it with `nc-mcp-conformance token`. Clients that want refresh tokens ask for `offline_access` by themselves.',
  },
  'rs.prm.bearer-methods': {
    why: 'A client that believes a list with `query` puts its token into URLs, from where it gets into access logs, browser histories and `Referer` headers.',
    observed:
      'If the metadata has `bearer_methods_supported`, it must contain `header`, a good token in the header must work, and nothing else may be listed. A document without the member passes.',
    failure:
      'An example with all three methods of RFC 6750 was copied, or a generic OAuth library fills the member with its defaults.',
    fix: "Write `bearer_methods_supported: ['header']`, or leave the member out. MCP has no other way to send a token.",
  },
}
