import { defineCheck, judge, NotTestableError } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'

const MAX_PAGES = 50
const INVALID_PARAMS = -32_602
const METHOD_NOT_FOUND = -32_601

/** The lists of MCP that have pages. */
const LISTS = [
  { capability: 'tools', method: 'tools/list', member: 'tools', key: 'name' },
  { capability: 'resources', method: 'resources/list', member: 'resources', key: 'uri' },
  {
    capability: 'resources',
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
  },
  { capability: 'prompts', method: 'prompts/list', member: 'prompts', key: 'name' },
] as const
type List = (typeof LISTS)[number]

interface Walk {
  readonly pages: number
  /** Keys of all entries, in order. */
  readonly keys: readonly string[]
  /** The first cursor that came twice. */
  readonly repeatedCursor: string | undefined
}

/** Clients follow cursors until there is none: a list that leads round in a circle keeps them for ever. */
export const listPagination = defineCheck({
  id: 'tools.list.pagination',
  suite: 'tools',
  title: 'Lists end, name every entry once on their pages, and refuse an invented cursor',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Pagination', clause: 'Implementation Guidelines' },
    { document: 'MCP-Pagination', clause: 'Error Handling' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-cursor-loops', alsoNotTestable: ['rs.scope.insufficient'] }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const list of LISTS.filter(({ capability }) => capability in session.capabilities)) {
      const walk = await walkThrough(session, list)
      if (walk === undefined) continue
      observed[list.method] = `${walk.keys.length} entries on ${walk.pages} pages`
      judgeWalk(findings, list, walk)
      if (walk.repeatedCursor === undefined) {
        judgeSecondWalk(findings, list, walk, await walkThrough(session, list))
      }
      await inventCursor(findings, session, list)
    }
    if (Object.keys(observed).length === 0)
      return { kind: 'not-applicable', reason: 'the server offers no lists' }
    return judge(findings.list(), observed)
  },
})

/** All pages until the end or a repeated cursor; `undefined` when the server does not have the method. */
async function walkThrough(session: McpSession, { method, member, key }: List): Promise<Walk | undefined> {
  const keys: string[] = []
  const cursors = new Set<string>()
  let cursor: string | undefined
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    const { message, status } = await session.request(method, cursor === undefined ? {} : { cursor })
    if (message?.error?.code === METHOD_NOT_FOUND && pages === 1) return undefined
    const entries = message?.result?.[member]
    if (!Array.isArray(entries)) {
      throw new NotTestableError(`page ${pages} of ${method} is answered with status ${status}`)
    }
    keys.push(...entries.filter(isJsonObject).map((entry) => String(entry[key])))
    const next = message?.result?.['nextCursor']
    if (typeof next !== 'string') return { pages, keys, repeatedCursor: undefined }
    if (cursors.has(next)) return { pages, keys, repeatedCursor: next }
    cursors.add(next)
    cursor = next
  }
  throw new NotTestableError(`${method} has more than ${MAX_PAGES} pages`)
}

function judgeWalk(findings: Findings, { method }: List, { keys, pages, repeatedCursor }: Walk): void {
  if (repeatedCursor !== undefined) {
    findings.add({
      id: 'list-never-ends',
      message: 'the cursors of a list lead round in a circle',
      expected: 'a last page without nextCursor',
      observed: `${method}: the cursor of page ${pages} was given before`,
    })
    return
  }
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index)
  if (repeated.length === 0) return
  findings.add({
    id: 'entry-repeated',
    message: 'an entry of a list comes twice',
    observed: `${method}: ${[...new Set(repeated)].join(', ')}`,
  })
}

function judgeSecondWalk(findings: Findings, { method }: List, first: Walk, second: Walk | undefined): void {
  const lost = first.keys.filter((key) => second?.keys.includes(key) !== true)
  const fresh = (second?.keys ?? []).filter((key) => !first.keys.includes(key))
  if (lost.length + fresh.length === 0) return
  findings.add({
    id: 'walks-differ',
    message: 'two walks through a list, one after the other, do not find the same entries',
    observed: `${method}: only once ${[...lost, ...fresh].join(', ')}`,
  })
}

async function inventCursor(findings: Findings, session: McpSession, { method }: List): Promise<void> {
  const { message, status } = await session.request(method, { cursor: 'ncmc-invented-cursor' })
  if (message?.error?.code === INVALID_PARAMS) return
  const accepted = message?.result !== undefined
  findings.add({
    id: accepted ? 'invented-cursor-accepted' : 'invented-cursor-other-error',
    message: accepted ? 'an invented cursor is accepted' : 'an invented cursor is refused with another error',
    expected: `error ${INVALID_PARAMS}`,
    observed: `${method}: ${accepted ? 'a page' : `error ${message?.error?.code ?? `status ${status}`}`}`,
  })
}
