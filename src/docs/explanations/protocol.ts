import type { Explanations } from './explanation.js'

export const PROTOCOL_EXPLANATIONS: Explanations = {
  'protocol.official.stateful': {
    why: 'The suite of the MCP project is what client authors hold servers against. What it finds in a server will be found by clients, too.',
    observed:
      '`@modelcontextprotocol/conformance` runs against the server, in oauth mode through a proxy that adds the token. Counted are the scenarios on `initialize`, ping, the list of tools, several streams, and, where they apply, resources, prompts and DNS rebinding. Scenarios that need fixture tools are left out.',
    failure:
      'Answers were written by hand and lack members that clients rarely read (`serverInfo.version`, `inputSchema.type`). A second stream in a session is refused or ends the first. The Host header is not looked at.',
    fix: 'Each finding is called `official-<scenario>` and quotes the message of the suite. Run the one scenario by itself: `npx @modelcontextprotocol/conformance server --url http://127.0.0.1:8000/mcp --scenario server-initialize`. Use the types of an SDK for answers instead of literals.',
  },
  'protocol.version-negotiation': {
    why: 'A client that is told a version which nobody speaks goes on as if all were well, and fails later in another place. One that is refused its good version cannot connect at all.',
    observed:
      '`initialize` asks for `1999-01-01` and `2099-01-01`; these may not come back, but another revision or an error may. Revisions that the server offered that way must be agreed on when they are asked for.',
    failure:
      '`protocolVersion: params.protocolVersion` in a handler of your own. Or a constant version whatever was asked, though the code supports several.',
    fix: 'Answer with the requested version if it is in your list, else with your newest: `SUPPORTED.includes(asked) ? asked : SUPPORTED[0]`. The `Server` classes of the SDKs do this; do not override their handler of `initialize`.',
  },
  'protocol.capabilities-honest': {
    why: 'Clients decide by the declared capabilities what they show and call. Undeclared tools are never listed, and a declared `prompts` that fails puts an error into every session.',
    observed:
      'For tools, resources, prompts, logging and completions a request is sent whether declared or not. What is declared must work (a completion only has to be known); what works must be declared; the rest should be answered with error -32601.',
    failure:
      'Capabilities are written by hand and fall behind. `logging: {}` is declared and `logging/setLevel` has no handler. Unknown methods get -32602, -32603 or an empty result.',
    fix: 'Let the SDK derive them: `McpServer.registerTool`, `registerResource` and `registerPrompt` declare what they serve. On the low level, keep each `registerCapabilities` beside its `setRequestHandler`, and leave unknown methods to the SDK.',
  },
  'protocol.session.lifecycle': {
    why: 'A client begins a new session on 404 and on nothing else. After a restart or a timeout it is stuck with a dead id if the server answers 400, 401 or 500.',
    observed:
      '`tools/list` is sent in a session that never was (404), without the id that was issued (400), and after the session was ended by DELETE (404; a server may answer DELETE with 405). A new session must have another id. Not asked of servers without session ids.',
    failure:
      'Examples of the TypeScript SDK that many have copied answer unknown ids with 400 "No valid session ID provided". Ended sessions stay in the map of transports. Servers that create a session for any id serve a stranger\'s.',
    fix: "In the handler: no id and no `initialize` gives 400; an id that is not in the map gives 404 with a JSON-RPC error. Delete the entry in `onsessionclosed` or `transport.onclose`. The Python SDK's session manager does so by itself.",
  },
  'protocol.notification-202': {
    why: 'A notification has no id, so an answer to it belongs to nothing. Clients with strict parsers break off, others wait for a body.',
    observed:
      '`notifications/initialized`, a cancellation of a request that never was, and an unknown notification are sent. Each must get 202 with an empty body, or be refused with a 4xx; a result, another 2xx or a 5xx is a fault.',
    failure:
      'Handlers answer everything alike, with 200 and `{}` or `null`. Unknown notifications end in a "method not found" with an id of null, or in an exception.',
    fix: 'A body without `id` gets `202 Accepted` and nothing else, before it is handled and whatever comes of that. Ignore what you do not know. The transports of the SDKs do so as long as you do not write to the response yourself.',
  },
  'protocol.jsonrpc-errors': {
    why: 'The id is how a client finds the call that failed; without it the call hangs until its timeout. The code says whether to correct the request, to look for another method, or to give up.',
    observed:
      'Broken JSON (-32700), a message whose `method` is a number (-32600) and an unknown method with a number and with a text as id (-32601) are sent. The id must come back with its type, no answer may be a 5xx, a result or hold a stack trace, and the session must go on.',
    failure:
      'Errors are built far from the request and carry `null`, `0` or a text instead of the number. TypeScript transports report messages of the wrong form as -32700. Body parsers answer broken JSON with an HTML page or 500.',
    fix: 'Read the id first and keep it for every error. Put an error handler behind `express.json()` that answers broken JSON with status 400 and `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,…}}`. Validate single messages before the transport if you want -32600.',
  },
  'protocol.batch-refused': {
    why: 'Batches went with revision 2025-06-18. What inspects single messages in front of a server (a gateway, a check of scopes, a rate limit) does not see what is inside of an array.',
    observed:
      'An array with two `tools/list` requests is sent in a session in which one alone is answered. No result for either may come back, and no 5xx.',
    failure:
      'The TypeScript transport still takes arrays, for clients of 2025-03-26, and executes each message. Handlers that loop over `[].concat(body)` do the same.',
    fix: 'Refuse bodies that are arrays with 400 and error -32600 before they reach the transport: `if (Array.isArray(req.body))` in a middleware behind `express.json()`.',
  },
}
