import { z } from 'zod'
import { CELL_MODES } from './catalogue/check.js'

/** Verdicts that a user may accept. An `error` is the toolkit's own fault and says nothing of a server: never accepted. */
export const BASELINE_VERDICTS = ['failed', 'warning', 'not-testable'] as const

/** What `baseline update` writes where it was given no reason; a file that still holds it is refused. */
export const REASON_PLACEHOLDER = 'TO BE FILLED IN: why is this accepted?'

/** One accepted finding: the verdict of one check in one mode. */
export const baselineRowSchema = z.strictObject({
  check: z.string().min(1).describe('id of the check, as `nc-mcp-conformance list` prints it'),
  mode: z.enum(CELL_MODES),
  verdict: z.enum(BASELINE_VERDICTS).describe('the accepted verdict; any other one is not accepted'),
  reason: z.string().trim().min(1).describe('why it is accepted, for whoever reads the report'),
  version: z
    .string()
    .regex(/^[\w.+-]+$/, { error: 'a version such as 1.4 or 1.4.2' })
    .optional()
    .describe(
      "the version that this is accepted of, or its beginning (1.4 for 1.4.2): the server's own, Nextcloud's for mode nextcloud",
    ),
  expires: z.iso
    .date({ error: 'a date such as 2027-03-31' })
    .optional()
    .describe('the last day on which it is accepted (UTC)'),
})

/** A baseline file. */
export const baselineSchema = z.strictObject({
  $schema: z.string().optional(),
  rows: z.array(baselineRowSchema),
})

export type BaselineRow = z.output<typeof baselineRowSchema>
export type Baseline = z.output<typeof baselineSchema>

/** The JSON Schema (2020-12) of a baseline file. */
export function baselineJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(baselineSchema, { io: 'input' })
  return {
    $schema,
    title: 'Baseline of nc-mcp-conformance',
    description: 'Findings that the owner of an MCP server accepts, each with its reason.',
    ...schema,
  }
}
