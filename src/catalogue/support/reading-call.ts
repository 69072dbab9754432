import type { McpSession } from './mcp-session.js'
import { TOOL_NAMES } from './tool-names.js'

/** Arguments for a tool that changes nothing, and that reaches Nextcloud. */
export interface ReadingCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

const CALLS: readonly ReadingCall[] = [
  { name: TOOL_NAMES.searchNotes, args: { query: 'ncmc' } },
  { name: TOOL_NAMES.listDirectory, args: { path: '' } },
  { name: TOOL_NAMES.listTables, args: {} },
  { name: TOOL_NAMES.listCalendars, args: {} },
]

/** The calls of that kind that a server offers, one for each part of Nextcloud. */
export async function readingCalls(session: McpSession): Promise<readonly ReadingCall[]> {
  const listed = new Set((await session.listTools()).map(({ name }) => name))
  return CALLS.filter(({ name }) => listed.has(name))
}
