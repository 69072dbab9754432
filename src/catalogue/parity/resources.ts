import { defineCheck, judge, notTestable } from '../check.js'
import { firstDifference, type Difference } from '../support/difference.js'
import { Findings } from '../support/findings.js'
import { Masking } from '../support/masking.js'
import { McpSession, type ListedTool } from '../support/mcp-session.js'

/** The two lists: method, member of the answer, and the member that names an entry. */
const LISTS = [
  { kind: 'resource', method: 'resources/list', member: 'resources', key: 'uri' },
  { kind: 'template', method: 'resources/templates/list', member: 'resourceTemplates', key: 'uriTemplate' },
] as const
const MAX_READS = 3
const DESCRIBED = ['name', 'title', 'description', 'mimeType']

/** What Nextcloud's brute-force protection says about the asking address changes by itself. */
const CHANGING_MEMBERS = /"delay":\d+/g

/** The same for resources as for tools: the user is the same, so is what can be read. */
export const resources = defineCheck({
  id: 'parity.resources',
  suite: 'parity',
  title: 'Both modes list the same resources and templates, and read the same from them',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'both modes offer the same resources' }],
  modes: ['both'],
  mutants: [{ id: 's-oauth-no-resources' }],
  async run(ctx) {
    await using basic = await McpSession.open(ctx, ctx.target('basic').url)
    await using oauth = await McpSession.open(ctx, ctx.target('oauth').url, await ctx.token('alice'))
    const findings = new Findings()
    const counts: Record<string, number> = {}
    let common: readonly string[] = []
    for (const { kind, method, member, key } of LISTS) {
      const inBasic = await listed(basic, method, member, key)
      const inOauth = await listed(oauth, method, member, key)
      counts[kind] = new Set([...inBasic.keys(), ...inOauth.keys()]).size
      addMissing(findings, `${kind}-missing-in-oauth`, inBasic, inOauth)
      addMissing(findings, `${kind}-missing-in-basic`, inOauth, inBasic)
      const both = [...inBasic.keys()].filter((name) => inOauth.has(name)).sort()
      for (const name of both) {
        const difference = firstDifference(described(inBasic.get(name)), described(inOauth.get(name)))
        if (difference === undefined) continue
        findings.add({
          id: `${kind}-described-otherwise`,
          message: `a ${kind} is described in another way`,
          expected: 'deeply equal',
          observed: {
            name,
            at: difference.pointer,
            basic: difference.left ?? 'absent',
            oauth: difference.right ?? 'absent',
          },
        })
      }
      if (kind === 'resource') common = both
    }
    if (Object.values(counts).every((count) => count === 0)) {
      return { kind: 'not-applicable', reason: 'neither mode offers a resource' }
    }
    let read = 0
    for (const uri of common) {
      const { isRead, difference } = await compareContent(basic, oauth, uri)
      if (isRead) read += 1
      if (difference === undefined) continue
      findings.add({
        id: 'content-differs',
        message: 'the same resource has another content for the same user',
        expected: 'equal but for ids, etags and times',
        observed: { uri, at: difference.pointer, basic: difference.left, oauth: difference.right },
      })
    }
    if (common.length > 0 && read === 0) return notTestable('positive control: no resource can be read')
    return judge(findings.list(), { ...counts, read })
  },
})

/** The entries of a list by their name. A server without resources may not know the method at all. */
async function listed(
  session: McpSession,
  method: string,
  member: string,
  key: string,
): Promise<ReadonlyMap<string, ListedTool>> {
  if (session.capabilities['resources'] === undefined) return new Map()
  const entries = await session.list(method, member)
  return new Map(entries.map((entry) => [String(entry[key]), entry]))
}

function described(entry: ListedTool | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(DESCRIBED.map((name) => [name, entry?.[name]]))
}

function addMissing(
  findings: Findings,
  id: string,
  wanted: ReadonlyMap<string, unknown>,
  there: ReadonlyMap<string, unknown>,
): void {
  const missing = [...wanted.keys()].filter((name) => !there.has(name)).sort()
  if (missing.length === 0) return
  findings.add({ id, message: `only the other mode lists ${missing.join(', ')}`, observed: missing })
}

/** The difference that stays: what is read may be changed by others between the two requests. */
async function compareContent(
  basic: McpSession,
  oauth: McpSession,
  uri: string,
): Promise<{ readonly isRead: boolean; readonly difference: Difference | undefined }> {
  for (let attempt = 1; ; attempt += 1) {
    const left = await readMasked(basic, uri)
    const right = await readMasked(oauth, uri)
    const difference = firstDifference(left, right)
    if (difference === undefined || attempt === MAX_READS) {
      return { isRead: left.read || right.read, difference }
    }
  }
}

async function readMasked(
  session: McpSession,
  uri: string,
): Promise<{ readonly read: boolean; readonly content: unknown }> {
  const { message, status } = await session.request('resources/read', { uri })
  const masking = new Masking()
  if (message?.result === undefined) {
    return {
      read: false,
      content: message?.error === undefined ? status : masking.text(message.error.message),
    }
  }
  const contents: unknown = message.result['contents']
  return {
    read: true,
    content: (Array.isArray(contents) ? contents : []).map((content: unknown) => {
      const text =
        typeof content === 'object' && content !== null && 'text' in content ? content.text : content
      return masking.mask(parsed(text))
    }),
  }
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text
  try {
    return JSON.parse(text.replaceAll(CHANGING_MEMBERS, '"delay":0'))
  } catch {
    return text
  }
}
