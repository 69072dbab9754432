import type { Explanations } from './explanation.js'

export const TOOLS_EXPLANATIONS: Explanations = {
  'tools.list.schemas': {
    why: 'Many clients give up on the whole list when one schema cannot be compiled, so that one wrong tool takes all others with it. Models choose tools by their descriptions.',
    observed:
      'Each entry of `tools/list` must have an `inputSchema` of type `object`. Input and output schemas are compiled with Ajv in their dialect (draft-07 or 2020-12). Names should be unique, of 1 to 128 letters, digits and `_ - .`, and each tool should have a description.',
    failure:
      'Schemas written by hand: `required: "title"` instead of a list, `type: "str"`, `$ref` to definitions that were left out. Tools without arguments are listed without a schema, or with `null`.',
    fix: 'Generate schemas from types: `inputSchema` as a zod shape in `registerTool`, type hints or pydantic models in the Python SDK. For no arguments write `{ "type": "object", "additionalProperties": false }`. Compile all listed schemas in a test of your own.',
  },
  'tools.list.pagination': {
    why: 'Clients follow `nextCursor` until there is none. A list that leads round in a circle keeps them for ever, or fills the context of a model with the same tools.',
    observed:
      'The lists of tools, resources, templates and prompts, as far as declared, are walked through to their end twice. No cursor may come twice, no entry may be repeated, both walks must find the same, and an invented cursor must be refused with -32602.',
    failure:
      '`McpServer` of the TypeScript SDK and FastMCP put all on one page and never look at the cursor, so that an invented one gets the first page. Own pagination forgets to leave `nextCursor` out on the last page.',
    fix: 'When you do not paginate, refuse every cursor: override the handlers with `server.setRequestHandler(ListToolsRequestSchema, …)` and throw `new McpError(ErrorCode.InvalidParams, "unknown cursor")`. When you do, sort by a stable key and encode the last key in the cursor, not a page number.',
  },
  'tools.output.conforms': {
    why: 'Programs rely on an `outputSchema` as on any interface. The official clients validate results against it and turn one that does not fit into an exception, so that the user gets nothing.',
    observed:
      'All tools that we know are called with fitting arguments on data of their own. A tool with an `outputSchema` must give `structuredContent` that is valid by it, and the same data should stand in the text as JSON.',
    failure:
      'Nextcloud sends numbers where the schema promises texts, `null` for what is not set, or members of newer versions under `additionalProperties: false`. Raw answers are passed on without being mapped.',
    fix: 'Map each answer into your own type before you return it, mark what may be missing as nullable, and validate in development. Add `content: [{ type: "text", text: JSON.stringify(structured) }]`; the Python SDK does so for typed return values.',
  },
  'tools.notes.crud': {
    why: 'A tool that does more than it says destroys data in silence: the note that was only renamed loses its category, and with it its place.',
    observed:
      'A note is created, read, changed in title, content and category one at a time, and deleted by tools. After each step Nextcloud itself is asked: given fields are as given, the others untouched, the etag new, and the deleted note is gone.',
    failure:
      'Updates send all fields with empty defaults, since PUT looks like a replacement. A `null` for "leave as it is" is sent as an empty text. Deletion reports success before Nextcloud has answered.',
    fix: 'Send only the fields that were given: `Object.fromEntries(Object.entries(fields).filter(([, v]) => v != null))`. The API of the Notes app leaves absent fields alone. Return id, etag and the new values from its answer, not from the arguments.',
  },
  'tools.notes.search': {
    why: 'Search is how a model finds anything at all. A word in capitals that is not found, or a quotation mark that breaks the call, looks to it like a note that does not exist.',
    observed:
      'A note is looked for by a word of its title, of its content, in capitals and with accents; by a word that stands nowhere (an empty list); by an empty query and by eight queries with quotes, patterns and markup (a list each). The note must be unchanged afterwards.',
    failure:
      'Queries are used as regular expressions (`new RegExp(query)`) or put into URLs unencoded. Only titles are compared. Lower case is applied to one side. An empty query is rejected as missing (`if (!query)`).',
    fix: 'Compare as plain text: `text.toLocaleLowerCase().includes(query.toLocaleLowerCase())` over title and content, or `casefold()` in Python. Encode with `URLSearchParams`. Let an empty query list what there is.',
  },
  'tools.notes.append': {
    why: 'Models keep journals by appending. If the old text is replaced, months of entries are gone with one call.',
    observed:
      'Two texts are appended to a note with several lines, and one to an empty note. On Nextcloud the old text must be unchanged at the beginning, the new texts in order at the end, each after a line of three hyphens; title and category must stay.',
    failure:
      'The new content is sent as the content. The old one is read from a cache or trimmed. Appending and reading are not tied by an etag, so that of two parallel calls one is lost.',
    fix: 'Read the note, send `${old}\\n---\\n${addition}` with `If-Match: "<etag>"`, and on 412 read again and repeat once. Leave the separator out when the note is empty.',
  },
  'tools.notes.etag-conflict': {
    why: 'The etag is there so that a model does not overwrite what a person wrote in the meantime. A tool that takes the argument and drops it promises a protection that does not exist.',
    observed:
      'A note is changed behind the back of the tool; then `nc_notes_update_note` is called with the etag from before and with an invented one. Both must fail with a text that tells of a change, and leave the note as it is. With the current etag it must work, and of two parallel updates only one should win.',
    failure:
      '`If-Match` is not sent, or without quotation marks, or with those of a weak etag. A 412 is answered with a silent second try without the header.',
    fix: 'Send `If-Match: "${etag}"` with each PUT to `/apps/notes/api/v1/notes/{id}`. Turn 412 into a tool error such as "The note has changed since it was read: read it again", with the current etag if you have it.',
  },
  'tools.notes.missing': {
    why: 'A model that gets an empty note for one that does not exist believes that it is empty, and may fill it anew or tell the user so.',
    observed:
      'Note 999999 is read, updated, appended to and deleted. Each must be an error that names this id and says that it was not found, and should be a tool result with `isError`. A note that exists must be readable.',
    failure:
      'Empty defaults of the parser (`data.get("content", "")`) hide the 404. Deleting is taken for idempotent, so that nothing to delete is a success. The text is "Client error 404 for url …".',
    fix: "Look at the status of each call: 404 becomes `{ isError: true, content: [{ type: 'text', text: 'Note 999999 was not found' }] }`. In FastMCP raise `ToolError`.",
  },
  'tools.missing-others': {
    why: 'After a success the model goes on: it tells the user that the event was created, or works with the schema of a table that is not there.',
    observed:
      'A missing file is read and deleted, an event is created in a missing calendar, the schema of a missing table and a missing attachment are asked for. Each must fail and say that the thing was not found. The same call on one that exists must work.',
    failure:
      'Results such as `{"status_code": 404, "success": true}`, or a 404 wrapped into a text without `isError`. CalDAV libraries create a calendar or answer with an empty list.',
    fix: 'Map 404 in the one place that all tools go through, naming kind and name ("Calendar work was not found"), and set `isError: true`. Nextcloud has other words for it, too: Deck answers 403 for a missing board, Tables 500 for a missing row, WebDAV 409 below a missing folder. These should be worded in the same way.',
  },
  'tools.webdav.round-trip': {
    why: "A picture that went through UTF-8 is broken for good, and a move that overwrites takes somebody's only copy.",
    observed:
      'A folder, a text and a file with all 256 byte values are made, read, listed with sizes, copied, moved and deleted by tools, and compared byte for byte with what Nextcloud has. With `overwrite` false an existing destination must stay; with true it must be replaced.',
    failure:
      '`await response.text()` on binary files, or content types that are guessed from the name. The header `Overwrite` is left out, which means T. A `Destination` without encoding or with an internal host fails.',
    fix: 'Use bytes throughout and Base64 for what is not text (`content_type: "image/png;base64"`, `encoding: "base64"` in results). Send `Overwrite: F` unless asked otherwise; 412 then means that the destination exists. Build `Destination` with the same base URL as the request.',
  },
  'tools.webdav.paths': {
    why: "A path comes from a model, and a model repeats what a document told it. If `../` leads out of the user's folder, whoever wrote that document chooses what is read and deleted.",
    observed:
      "Files with `#`, `?`, `%41`, spaces, umlauts and emoji in their names are written, read and listed. Then eight ways out (`../`, `..%2f`, `%2e%2e/`, `..\\`, Nextcloud's own path …) are tried with each operation towards bob's files and back into alice's. Errors may not name addresses behind the server. A user id with a space and an `@` is tried where the server can be started for one.",
    failure:
      'Paths are joined as text (`base + "/" + path`), or encoded with `encodeURI`, which leaves `#`, `?` and `..` alone. `new URL(path, base)` resolves dots by itself. Checks for `..` come before the decoding.',
    fix: "Split at `/`, refuse segments that are `.` or `..` or hold a `\\` or NUL, and encode each with `encodeURIComponent` (`quote(segment, safe='')`), exactly once. Encode the user id likewise. Do not decode what a tool gets: `%2e` is a name.",
  },
  'tools.calendar.round-trip': {
    why: 'An event an hour off is a missed appointment. It is not noticed in the answer of the tool, only in the calendar.',
    observed:
      'In a calendar of its own an event at 09:00+09:00 is created, read, listed in and out of a range, moved, renamed and deleted; then come whole days, a weekly series of four, and an event that another client has stored under a file name of its own. Moments, days and counts are compared with what Nextcloud has.',
    failure:
      'The offset is dropped and the time stored as floating or as UTC. Whole days get times. An update writes the event anew and loses `LOCATION`, alarms or the rule. Events are looked for at `<uid>.ics`.',
    fix: 'Store moments in UTC (`DTSTART:…Z`) or with `TZID` and a `VTIMEZONE`; whole days as `VALUE=DATE`. Change single properties in the parsed component (ical.js, icalendar) and PUT it back with `If-Match`. Find events by a `calendar-query` REPORT with a filter on UID.',
  },
  'tools.tables.round-trip': {
    why: 'Values in the wrong column look plausible: an amount among the quantities is found at the end of the year.',
    observed:
      'In a table with a text, a number and a date, rows are inserted (one without its first column), read whole and in pages by `limit` and `offset`, changed in one value, and deleted. Each step is compared with what Nextcloud has, types included.',
    failure:
      'Columns are matched by position or title instead of their id. Numbers become texts on their way, or `12` in a text column a number. `offset` is taken for a page number.',
    fix: 'Key values by column id as the API does (`{"data": {"<columnId>": value}}`), and read `columnId` of each cell of a row. Convert by the type of the column, not by the look of the value. Pass `limit` and `offset` on unchanged.',
  },
  'tools.error.invalid-arguments': {
    why: 'A model corrects its call when it is told what was wrong. A silent default hides the mistake, and the note is created without its content.',
    observed:
      '`nc_notes_create_note` and `nc_notes_get_note` are called without arguments, with wrong types, with `null` and with an unknown argument; the last two only where the `inputSchema` forbids them. Each must fail, name the argument (and say that it is missing), be a tool result from revision 2025-11-25 on, and not reach Nextcloud.',
    failure:
      'Arguments are read with `args.content ?? ""`. Validation throws `McpError`, which becomes -32602 that models do not see. The message is a dump of the validator without the name.',
    fix: 'Validate with the schema that you list, before the tool runs, and return `isError: true` with "content: required" or the like; `registerTool` with zod and FastMCP with type hints do so. On the low level do it in the handler of `tools/call`. `z.strictObject` and `extra="forbid"` also catch unknown arguments.',
  },
  'tools.error.unknown-tool': {
    why: 'A client has to tell "this tool does not exist" from "this tool failed": the first means that its list is old, the second that the model may try again.',
    observed:
      'A tool with an invented name is called, after one that exists has worked. The answer must be the JSON-RPC error -32602.',
    failure:
      '`McpServer` of the TypeScript SDK 1.x and the Python SDK answer with a tool result and `isError: true`. Own dispatchers use -32601, or a default branch that returns nothing.',
    fix: 'On the low level: `server.setRequestHandler(CallToolRequestSchema, …)` with `throw new McpError(ErrorCode.InvalidParams, "Unknown tool: …")`. With `McpServer` replace its handler through `mcpServer.server`, or accept the warning and put it into your baseline until the SDK changes.',
  },
  'tools.unicode': {
    why: 'A name with other code points is another name: it is not found, does not sort, and compares unequal, though it looks the same.',
    observed:
      'Eleven texts (emoji with joiners, right-to-left marks, composed and decomposed accents, CRLF, line separators, markup, escapes) are written and read in titles and contents of notes. The measure is what Nextcloud makes of the same texts when it is asked directly, as it changes titles that become file names.',
    failure:
      '`normalize("NFC")` to be tidy, `trim()`, line ends converted to LF, `ensure_ascii` or HTML escaping on the way out, or a wrong charset in `Content-Type`.',
    fix: 'Pass texts through untouched and send JSON as UTF-8. Normalise only copies that you compare. If structured content is right and the text is not, look at how the text block is made.',
  },
  'tools.large-content': {
    why: 'A text that was cut on its way is the worst success: nobody sees that the rest is gone, and the next update writes the cut version back.',
    observed:
      'A note of 1 MiB and, with tools for files, a file of 8 MiB go in and out and are compared with what Nextcloud has, while pings must be answered within 30 seconds. A reading tool may also say that the file is too large. What Nextcloud refuses for its size must come back as an error that says so.',
    failure:
      'Results are cut to spare the context of the model, without a word. Body limits of frameworks (`express.json()` takes 100 kB) answer with 413 or HTML. Base64 in one synchronous step stops the process.',
    fix: 'Raise the limits on the way: `express.json({ limit: "32mb" })`, `maxRequestBodySize` of newer TypeScript transports (4 MiB by default), `client_max_body_size` of nginx. If you shorten, do it visibly, with an argument for offset and length and a field such as `truncated: true`, or refuse with the size and the limit.',
  },
  'tools.concurrency': {
    why: "Models call tools in parallel. An answer under the wrong id is another question's answer, and the model has no way to notice.",
    observed:
      'Thirty calls run at the same time in one session: ten notes read, ten searched, ten created, with numbers, words and digits as text for ids. Each answer must have the id and type of its request and its own data; each note must be there once.',
    failure:
      'State of a call in fields of the server object, ids that are turned into numbers, a queue that pairs answers by order, or retries that create a note twice.',
    fix: 'Keep everything about a call in local variables and answer with the id as it came. Do not repeat POST requests to Nextcloud by themselves. When SQLite of a small Nextcloud locks (500 under load), bound the parallel requests with a semaphore rather than failing.',
  },
}
