import type { ServerForm } from './form-proxy.js'

type Json = Record<string, unknown>

/** The tools of the seed's server that announce an outputSchema; all others answer with text only. */
const TYPED = /^nc_(notes_|deck_|calendar_list_calendars$)/
/** Members under which our own server wraps lists. */
const LISTS = ['files', 'tables', 'rows', 'events', 'calendars']
const PREFIX = (tool: string): string => `Error executing tool ${tool}: `

/**
 * The form of the seed's server in October 2025: most tools without outputSchema and structuredContent, lists with one
 * text block per item (none for an empty list), digits taken for numbers, unknown arguments dropped, an unknown tool
 * reported in a result, and error texts of its libraries.
 */
export const V13_FORM: ServerForm = {
  args: (_tool, args) =>
    Object.fromEntries(
      Object.entries(args)
        .filter(([name]) => !name.startsWith('ncmc_unknown'))
        .map(([name, value]) => [
          name,
          /_id$/.test(name) && /^\d+$/.test(String(value)) ? Number(value) : value,
        ]),
    ),
  listedTool: ({ name, description, inputSchema, outputSchema }) => {
    const typed = TYPED.test(String(name)) ? { outputSchema } : {}
    return { name, description, inputSchema: openSchema(inputSchema), ...typed }
  },
  result: (tool, _args, result) => {
    const { structuredContent, isError } = result as { structuredContent?: Json; isError?: boolean }
    if (isError === true)
      return { content: [{ type: 'text', text: PREFIX(tool) + errorText(tool, result) }], isError }
    if (TYPED.test(tool) || structuredContent === undefined) return result
    const { success: _, timestamp: __, ...data } = structuredContent
    const list = LISTS.map((name) => data[name]).find((value) => Array.isArray(value))
    return { content: (Array.isArray(list) ? (list as unknown[]) : [data]).map(block) }
  },
  error: (tool, { message }) =>
    message.includes('Unknown tool')
      ? { content: [{ type: 'text', text: `Unknown tool: ${tool}` }], isError: true }
      : undefined,
}

/**
 * The form of the same server in August 2026: wrapped lists as they are, an empty query that finds every note without a
 * score, and error texts with a hint.
 *
 * @param allNotes the user's notes, as the Notes API lists them.
 */
export function headForm(allNotes: () => Promise<readonly Json[]>): ServerForm {
  return {
    ...(V13_FORM.args === undefined ? {} : { args: V13_FORM.args }),
    listedTool: ({ outputSchema, inputSchema, ...tool }) => ({
      ...tool,
      inputSchema: openSchema(inputSchema),
      // The score of its hits may be null.
      ...(tool['name'] === 'nc_notes_search_notes' ? {} : { outputSchema }),
    }),
    result: async (tool, args, result) => {
      if (result['isError'] === true) {
        const text = `${PREFIX(tool)}${tool} failed: ${textOf(result)}. Check the arguments and try again.`
        return { content: [{ type: 'text', text }], isError: true }
      }
      if (tool !== 'nc_notes_search_notes' || args['query'] !== '') return result
      const results = (await allNotes()).map(({ id, title, category }) => ({
        id,
        title,
        category,
        score: null,
      }))
      const structuredContent = { results, query: '', total_found: results.length }
      return { content: [block(structuredContent)], structuredContent }
    },
    ...(V13_FORM.error === undefined ? {} : { error: V13_FORM.error }),
  }
}

/** A schema that allows arguments which it does not name. */
function openSchema(schema: unknown): Json {
  return Object.fromEntries(
    Object.entries(schema as Json).filter(([name]) => name !== 'additionalProperties'),
  )
}

function block(value: unknown): Json {
  return { type: 'text', text: JSON.stringify(value, null, 2) }
}

/** What the libraries of that server say in the place of our own words. */
function errorText(tool: string, result: Json): string {
  const own = textOf(result)
  const argument = /^Invalid arguments for \w+: (.+)$/s.exec(own)?.[1]
  if (argument !== undefined) {
    const blocks = argument
      .split('; ')
      .map((line) => line.replace(/: required argument is missing$/, '\n  Field required [type=missing]'))
    return `${blocks.length} validation errors for ${tool}Arguments\n${blocks.join('\n')}`
  }
  if (TYPED.test(tool) || !own.includes('(HTTP 404)')) return own
  return "Client error '404 Not Found' for url 'http://nextcloud.example/remote.php/dav'\nFor more information check: https://developer.example/404"
}

function textOf({ content }: Json): string {
  const [first] = content as { text: string }[]
  return first?.text ?? ''
}
