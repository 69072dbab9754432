import { mcpPage } from '../../catalogue/specs.js'
import type { CoverageRow, Judgement } from './row.js'

/** The revisions of the specification that the toolkit speaks. */
export const REVISIONS = ['2025-06-18', '2025-11-25'] as const
type Revision = (typeof REVISIONS)[number]

/** `no keyword`: said, but not as a demand. */
type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'no keyword'

const PAGES = {
  'MCP-Authorization': 'basic/authorization',
  'MCP-Security': 'basic/security_best_practices',
} as const

/** A demand of the specification, in our words. */
export interface Clause extends CoverageRow {
  readonly document: keyof typeof PAGES
  /** The heading below which it stands, the same in all its revisions. */
  readonly heading: string
  /** The revisions that have it, at this level. */
  readonly revisions: readonly Revision[]
  readonly level: Level
}

/** Where the clause stands in one of its revisions. */
export function clauseAddress({ document, heading }: Clause, revision: Revision): string {
  return mcpPage(PAGES[document], revision)(heading)
}

interface Place {
  readonly document: Clause['document']
  readonly revisions: readonly Revision[]
}

type Say = (level: Level, what: string, judgement: Judgement) => Clause

/** Makes the clauses below one heading. */
export function under(heading: string, { document, revisions }: Place): Say {
  return (level, what, judgement) => ({ document, heading, revisions, level, what, judgement })
}

/** In the authorization chapter of both revisions. */
export const BOTH: Place = { document: 'MCP-Authorization', revisions: REVISIONS }
/** In the authorization chapter of the earlier revision alone. */
export const EARLIER: Place = { document: 'MCP-Authorization', revisions: ['2025-06-18'] }
/** In the authorization chapter of the later revision alone. */
export const LATER: Place = { document: 'MCP-Authorization', revisions: ['2025-11-25'] }
