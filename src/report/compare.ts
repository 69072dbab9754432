import { z } from 'zod'
import { CELL_MODES } from '../catalogue/check.js'
import { reportSchema, VERDICTS, type Result, type RunReport, type Verdict } from './model.js'
import type { ReadReport } from './read.js'
import { oneLine } from './text.js'

/** How a cell of report B stands to the same cell of report A, in the order of the sum line. */
export const CHANGES = ['regression', 'improvement', 'changed', 'added', 'removed', 'equal'] as const
export type Change = (typeof CHANGES)[number]

const side = z.object({ verdict: z.enum(VERDICTS), findings: z.array(z.string()).describe('ids, sorted') })

const comparedRun = z.object({
  file: z.string(),
  tool: reportSchema.shape.tool,
  startedAt: reportSchema.shape.startedAt,
  nextcloud: reportSchema.shape.nextcloud.pick({ kind: true, profile: true, version: true, apps: true }),
  userAgent: reportSchema.shape.userAgent,
  targets: reportSchema.shape.targets,
  mutants: reportSchema.shape.mutants,
  shard: reportSchema.shape.shard,
  merged: reportSchema.shape.merged,
  cells: z.int(),
})

/** What `compare --json` prints. */
export const comparisonSchema = z.object({
  schemaVersion: z.literal(1),
  a: comparedRun,
  b: comparedRun,
  cells: z.array(
    z.object({
      check: z.string(),
      mode: z.enum(CELL_MODES),
      change: z.enum(CHANGES),
      a: side.optional(),
      b: side.optional(),
      why: z.string().describe('message of the first finding that only one of them has; may be empty'),
    }),
  ),
  summary: z.record(z.enum(CHANGES), z.int()),
})

export type Comparison = z.infer<typeof comparisonSchema>
export type ComparedCell = Comparison['cells'][number]
export type ComparedRun = Comparison['a']

/**
 * Sets two reports side by side, cell by cell (check and mode).
 *
 * @param checkIds ids of the catalogue: their order is that of the result; cells that it does not know come last.
 */
export function compareReports(a: ReadReport, b: ReadReport, checkIds: readonly string[]): Comparison {
  const [before, after] = [resultsByCell(a.report), resultsByCell(b.report)]
  const cells = [...new Map([...before, ...after]).entries()]
    .map(([key, { check, mode }]) => ({ check, mode, ...compareCell(before.get(key), after.get(key)) }))
    .toSorted(byCatalogue(checkIds))
  const summary = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Record<Change, number>
  for (const { change } of cells) summary[change] += 1
  return { schemaVersion: 1, a: describeRun(a), b: describeRun(b), cells, summary }
}

/**
 * What became of a verdict. Verdicts are ordered from best to worst: passed, not-applicable, known-deviation, warning,
 * not-testable, failed, error; a step towards the end is a regression. A step back is an improvement, but not one to
 * not-testable: what was broken has only gone out of sight.
 */
export function changeOf(before: Verdict, after: Verdict): Exclude<Change, 'added' | 'removed'> {
  // VERDICTS lists the worst first.
  const step = VERDICTS.indexOf(before) - VERDICTS.indexOf(after)
  if (step === 0) return 'equal'
  if (step > 0) return 'regression'
  return after === 'not-testable' ? 'changed' : 'improvement'
}

function compareCell(
  before: Result | undefined,
  after: Result | undefined,
): Omit<ComparedCell, 'check' | 'mode'> {
  const sides = {
    ...(before === undefined ? {} : { a: sideOf(before) }),
    ...(after === undefined ? {} : { b: sideOf(after) }),
  }
  if (before === undefined) return { change: 'added', ...sides, why: reasonOf(after) }
  if (after === undefined) return { change: 'removed', ...sides, why: reasonOf(before) }
  const change = changeOf(before.verdict, after.verdict)
  const hasOtherFindings = idsOf(before).join('\n') !== idsOf(after).join('\n')
  return {
    change: change === 'equal' && hasOtherFindings ? 'changed' : change,
    ...sides,
    why: difference(before, after),
  }
}

/** The first thing that B says and A does not, else the first that A says and B does not. */
function difference(before: Result, after: Result): string {
  const [known, seen] = [idsOf(before), idsOf(after)]
  const appeared = after.findings.find(({ id }) => !known.includes(id))
  if (appeared !== undefined) return oneLine(appeared.message)
  const gone = before.findings.find(({ id }) => !seen.includes(id))
  if (gone !== undefined) return `no longer: ${oneLine(gone.message)}`
  if (before.verdict === after.verdict) return ''
  // The message of a passed cell is only its title.
  return after.verdict === 'passed' ? `no longer: ${reasonOf(before)}` : reasonOf(after)
}

function reasonOf(result: Result | undefined): string {
  return result === undefined || result.verdict === 'passed' ? '' : oneLine(result.message)
}

function sideOf(result: Result): z.infer<typeof side> {
  return { verdict: result.verdict, findings: idsOf(result) }
}

function idsOf({ findings }: Result): string[] {
  return [...new Set(findings.map(({ id }) => id))].toSorted()
}

function resultsByCell(report: RunReport): Map<string, Result> {
  return new Map(report.results.map((result) => [`${result.check} ${result.mode}`, result]))
}

type CellName = Pick<Result, 'check' | 'mode'>

function byCatalogue(checkIds: readonly string[]): (a: CellName, b: CellName) => number {
  const places = new Map(checkIds.map((id, at) => [id, at]))
  const placeOf = ({ check }: CellName): number => places.get(check) ?? checkIds.length
  return (a, b) =>
    placeOf(a) - placeOf(b) ||
    (a.check < b.check ? -1 : a.check > b.check ? 1 : 0) ||
    CELL_MODES.indexOf(a.mode) - CELL_MODES.indexOf(b.mode)
}

function describeRun({ file, report }: ReadReport): ComparedRun {
  const { kind, profile, version, apps } = report.nextcloud
  return {
    file,
    tool: report.tool,
    startedAt: report.startedAt,
    nextcloud: { kind, profile, version, apps },
    userAgent: report.userAgent,
    targets: report.targets,
    mutants: report.mutants,
    shard: report.shard,
    merged: report.merged,
    cells: report.results.length,
  }
}
