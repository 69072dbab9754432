import type { McpSession } from './mcp-session.js'
import type { NextcloudNote } from './nextcloud-notes.js'
import { NotesTools } from './notes-tools.js'

/** A resource or a prompt, and how to ask for it. */
export interface Content {
  /** `note`: the resource of one note, which is of a template and so not listed itself. */
  readonly kind: 'resource' | 'prompt' | 'note'
  readonly name: string
  readonly method: 'resources/read' | 'prompts/get'
  readonly params: Readonly<Record<string, string>>
}

/** Of each kind; more of them say the same. */
const MAX_LISTED = 10

/**
 * What can be asked for in this session: of what is listed, and one note of its user, where the server has a tool that
 * reads it, too.
 */
export async function servedContents(session: McpSession, note: NextcloudNote): Promise<readonly Content[]> {
  const served: Content[] = []
  const uri = `nc://Notes/${note.id}`
  const read = await session.request('resources/read', { uri })
  const isNote = read.message?.result !== undefined && read.text.includes(note.content)
  if (isNote && (await new NotesTools(session).get(note.id)).kind === 'result') {
    served.push({ kind: 'note', name: 'a note', method: 'resources/read', params: { uri } })
  }
  for (const content of await listedContents(session)) {
    const { message } = await session.request(content.method, content.params)
    if (message?.result !== undefined) served.push(content)
  }
  return served
}

/** Resources and prompts as they are listed; prompts that need arguments are left out. */
export async function listedContents(session: McpSession): Promise<readonly Content[]> {
  const resources = await entriesOf(session, 'resources')
  const prompts = (await entriesOf(session, 'prompts')).filter(needsNoArgument)
  return [
    ...resources.slice(0, MAX_LISTED).map(({ uri }): Content => {
      const name = String(uri)
      return { kind: 'resource', name, method: 'resources/read', params: { uri: name } }
    }),
    ...prompts.slice(0, MAX_LISTED).map((prompt): Content => {
      const name = String(prompt['name'])
      return { kind: 'prompt', name, method: 'prompts/get', params: { name } }
    }),
  ]
}

/** Entries of a list; none where the server does not offer it, or refuses it to this token. */
async function entriesOf(
  session: McpSession,
  member: 'resources' | 'prompts',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const method = `${member}/list`
  if (session.capabilities[member] === undefined) return []
  const { message } = await session.request(method)
  return message?.result === undefined ? [] : session.list(method, member)
}

function needsNoArgument({ arguments: list }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(list)) return true
  return !list.some((argument: unknown) => (argument as { required?: unknown } | null)?.required === true)
}
