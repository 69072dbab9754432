import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { baselineRowSchema, REASON_PLACEHOLDER, type BaselineRow } from '../baseline-schema.js'
import { nameOfRow, readBaselineFile } from '../config/baseline-file.js'
import { describeIssue } from '../config/issue.js'
import { readRunInput } from '../config/options.js'
import type { BaselineUpdate } from '../engine/baseline-update.js'
import { UsageError } from '../errors.js'
import { readReport } from '../report/read.js'
import { countOf, oneLine } from '../report/text.js'
import { writeWhole } from '../report/write-whole.js'
import { flagsOfRun, type Command, type Flags } from './command.js'
import { textFlag } from './flags.js'
import { schemaReference } from './schema-reference.js'

/** Keeps the file of accepted findings. */
export const baselineCommand: Command = {
  name: 'baseline',
  summary: '`baseline update` accepts what a report found: adds, keeps and drops rows of a baseline file',
  actions: ['update'],
  flags: [
    {
      name: 'from',
      type: 'string',
      description: 'report.json of a run, or the folder that holds it',
      placeholder: '<report.json>',
    },
    ...flagsOfRun(({ key }) => key === 'baseline'),
    {
      name: 'reason',
      type: 'string',
      description: 'why new findings are accepted; without it you are asked to fill it in',
      placeholder: '<text>',
    },
    {
      name: 'expires',
      type: 'string',
      description: 'last day on which new findings are accepted',
      placeholder: '<yyyy-mm-dd>',
    },
    { name: 'dry-run', type: 'boolean', description: 'only say what would change' },
  ],
  examples: [
    [
      "baseline update --from nc-mcp-conformance-report --baseline baseline.json --reason 'fixed in 1.5'",
      'after a run whose findings are accepted for now',
    ],
    ['baseline update --from merged --baseline baseline.json --dry-run', 'what a merged report would change'],
  ],
  async run({ flags, env, io }) {
    if (flags['action'] === undefined)
      throw new UsageError('NCMC_USAGE', 'baseline needs an action: baseline update')
    const file = (await readRunInput({ flags, env, cwd: io.cwd })).baseline
    const from = textFlag(flags, 'from')
    if (from === undefined || file === undefined) {
      throw new UsageError(
        'NCMC_USAGE',
        `baseline update needs ${from === undefined ? '--from <report.json>' : '--baseline <file>'}`,
      )
    }
    const given = givenForNew(flags)
    const { report } = await readReport(from, io.cwd)
    if (report.mutants.length > 0) {
      throw new UsageError(
        'NCMC_REPORT',
        `${oneLine(from)} is of a run with deliberate faults (--mutant); take one without`,
      )
    }
    const present = existsSync(resolve(io.cwd, file))
      ? await readBaselineFile(file, '--baseline', { cwd: io.cwd, unfinished: true })
      : { rows: [] }
    const { CHECKS } = await import('../catalogue/index.js')
    const { updateBaseline } = await import('../engine/baseline-update.js')
    const update = updateBaseline(present.rows, report, CHECKS, given)
    if (flags['dry-run'] !== true) {
      const { $schema = schemaReference(file, 'baseline.schema.json', io.cwd) } = present
      await save(resolve(io.cwd, file), file, { $schema, rows: update.rows })
    }
    io.stdout.write(listing(file, update, flags['dry-run'] === true))
    return 0
  },
}

function givenForNew(flags: Flags): { reason?: string; expires?: string } {
  const given: { reason?: string; expires?: string } = {}
  for (const name of ['reason', 'expires'] as const) {
    const text = textFlag(flags, name)
    if (text === undefined) continue
    const schema = baselineRowSchema.shape[name]
    const [issue] = schema.safeParse(text, { reportInput: true }).error?.issues ?? []
    if (issue !== undefined) throw describeIssue(issue, { origin: `--${name}`, schema })
    given[name] = text.trim()
  }
  return given
}

async function save(path: string, name: string, content: object): Promise<void> {
  try {
    await writeWhole(path, `${JSON.stringify(content, null, 2)}\n`)
  } catch (cause) {
    throw new UsageError('NCMC_USAGE', `--baseline: ${name} cannot be written`, { cause })
  }
}

function listing(file: string, update: BaselineUpdate, dry: boolean): string {
  const lines = [
    ...update.dropped.map((row) => `- dropped ${nameOfRow(row)}: no longer ${row.verdict} (${row.reason})`),
    ...update.changed.map(
      ({ before, after }) => `~ changed ${nameOfRow(after)}: ${after.verdict}, was ${before.verdict}`,
    ),
    ...update.added.map((row) => `+ added   ${nameOfRow(row)}: ${row.verdict}`),
  ]
  const unfinished = update.rows.filter(({ reason }) => reason === REASON_PLACEHOLDER)
  const sum = `${dry ? 'would be ' : ''}${countOf(update.rows.length, 'row')} in ${file}: ${update.kept.length} kept, ${update.changed.length} changed, ${update.added.length} added, ${update.dropped.length} dropped`
  return `${[...lines, sum, ...askFor(unfinished)].map(oneLine).join('\n')}\n`
}

function askFor(rows: readonly BaselineRow[]): readonly string[] {
  if (rows.length === 0) return []
  const what = rows.length === 1 ? '1 row needs' : `${rows.length} rows need`
  return [
    `${what} a reason: write it in place of "${REASON_PLACEHOLDER}", or give --reason; run refuses the file until then`,
  ]
}
