import { z } from 'zod'
import { HarnessError } from '../errors.js'
import { reportSchema, type RunReport } from './model.js'

/**
 * `report.json`: the report, checked against the schema that is published with the package.
 *
 * @throws {HarnessError} `NCMC_INTERNAL` when the report is not of that form.
 */
export function renderJson(report: RunReport): string {
  const parsed = reportSchema.safeParse(report)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new HarnessError(
      'NCMC_INTERNAL',
      `the report does not follow its schema at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    )
  }
  return `${JSON.stringify(parsed.data, null, 2)}\n`
}

/** The JSON Schema (2020-12) of `report.json`. */
export function reportJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema)
  return {
    $schema,
    title: 'Report of nc-mcp-conformance',
    description: 'Verdicts with evidence. Secrets are keyed fingerprints such as [access_token#1a2b3c4d].',
    ...schema,
  }
}
