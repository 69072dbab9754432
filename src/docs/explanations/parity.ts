import type { Explanations } from './explanation.js'

export const PARITY_EXPLANATIONS: Explanations = {
  'parity.tool-set': {
    why: 'A team that tries a server with one account in basic mode and then switches to logins loses tools it relied on. Prompts, skills and documentation that name a missing tool fail only for part of the users.',
    observed:
      "`tools/list` is read to its last page in both modes, in oauth mode with alice's token, and the names are compared. Tools whose name says that they sign a user in are left out.",
    failure:
      'Tools are registered inside an `if (mode === …)`, or by two start-up paths of which only one was extended. In oauth mode a tool also disappears when lists are filtered by scope and the scope of the new tool is missing from `scopes_supported`, so that no client ever asks for it.',
    fix: 'Register all tools in one function that both modes call, and give the handlers a client of Nextcloud that knows the credentials of the request. Announce the scope of every tool in `scopes_supported`. A test of your own can start both modes and compare the sorted names.',
  },
  'parity.schemas': {
    why: 'A model that has learned to call a tool in one mode sends the same arguments in the other, where they are refused or mean something else. Permission prompts that depend on annotations change without anybody noticing.',
    observed:
      'For each tool that both modes list, `inputSchema`, `outputSchema`, `annotations`, `title` and `description` are compared member by member. The order of `required`, `enum` and `type` does not count. At least one common tool is needed.',
    failure:
      'One mode adds an argument that the other takes from elsewhere, such as a user name, an account or a token. Generated schemas differ when a handler has another signature in each mode, because FastMCP and similar frameworks read it from there.',
    fix: 'Define a schema once and share it. What only one mode needs (the user, the token) belongs to the context of the request (`extra.authInfo` in the TypeScript SDK, `get_access_token()` in the Python SDK), never among the arguments of a tool.',
  },
  'parity.results': {
    why: 'Programs and prompts parse what tools return. When the same call for the same user returns another shape or another error text, an integration that was tested in one mode breaks in the other.',
    observed:
      'The same scripts of calls run in both modes as alice: notes, files, calendars and others, as far as both have the tools, with failing calls among them. Ids, times and markers are masked; kind, structured content and text blocks must then be equal.',
    failure:
      'Errors are worded in the layer that adds credentials, so that a 404 or 412 of Nextcloud is described once as a tool error and once as an exception. Or one mode adds a line to results ("logged in as …"), or omits `structuredContent`.',
    fix: 'Map the answers of Nextcloud to results and errors in one place, below the handlers and above the choice of credentials. Say who is logged in by a tool of its own or in the log, not in every result. The finding names the script, the step and the JSON pointer of the first difference.',
  },
  'parity.resources': {
    why: 'Clients attach resources by URI and store these URIs. One that exists in a single mode, or reads differently there, leaves the user with a broken attachment after switching.',
    observed:
      '`resources/list` and `resources/templates/list` are compared by URI, name, title, description and media type. Every resource that both list is then read as alice in both modes, up to three times, so that a change in between does not count. Ids and times are masked.',
    failure:
      'Resources are often read at start-up with the credentials of the environment, which oauth mode does not have, and are then left out there. Templates get forgotten because clients show them less often than tools.',
    fix: "Register resources where the tools are registered, and read their content per request with the caller's credentials. When a resource makes no sense for a mode, leave it out of both lists or answer it alike.",
  },
}
