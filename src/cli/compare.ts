import { UsageError } from '../errors.js'
import { compareReports, comparisonSchema } from '../report/compare.js'
import { renderComparison, renderComparisonMarkdown } from '../report/compare-text.js'
import { colorsOf } from '../report/console.js'
import { readReport } from '../report/read.js'
import { positionalTexts, type Command } from './command.js'
import { exitCodeOfEnding } from './exit-code.js'
import { choiceFlag } from './flags.js'

const FAIL_ON = ['regression', 'any'] as const

/** Says what got better or worse between two runs. */
export const compareCommand: Command = {
  name: 'compare',
  summary:
    'what got better or worse from report A to report B; exit code 1 when something got worse (see --fail-on)',
  positional: {
    name: 'reports',
    usage: '<A> <B>',
    description: 'two report.json files, or the folders that hold them',
    min: 2,
    max: 2,
  },
  flags: [
    { name: 'all', type: 'boolean', description: 'show the cells that are the same too' },
    { name: 'json', type: 'boolean', description: 'print JSON, always of all cells' },
    { name: 'markdown', type: 'boolean', description: 'print Markdown, for a pull request or a job summary' },
    {
      name: 'fail-on',
      type: 'string',
      description: 'what exit code 1 is for: a regression, or any cell that is not the same',
      choices: FAIL_ON,
      defaultText: 'regression',
    },
  ],
  examples: [
    ['compare before/report.json after/report.json', 'two runs of one server'],
    ['compare embedded container --all --fail-on any', 'the embedded Nextcloud and a real one must agree'],
    ['compare main branch --markdown >> "$GITHUB_STEP_SUMMARY"', 'in a GitHub workflow'],
  ],
  async run({ flags, env, io }) {
    const [json, markdown, all] = ['json', 'markdown', 'all'].map((name) => flags[name] === true)
    if (json === true && markdown === true)
      throw new UsageError('NCMC_USAGE', '--json and --markdown exclude each other')
    const failOn = choiceFlag(flags, 'fail-on', FAIL_ON) ?? 'regression'
    const [pathA = '', pathB = ''] = positionalTexts(flags, 'reports')
    const a = await readReport(pathA, io.cwd)
    const b = await readReport(pathB, io.cwd)
    const { CHECKS } = await import('../catalogue/index.js')
    const comparison = compareReports(
      a,
      b,
      CHECKS.map(({ id }) => id),
    )
    const { changed, equal, improvement, regression } = comparison.summary
    if (changed + equal + improvement + regression === 0) {
      throw new UsageError(
        'NCMC_REPORT',
        `${a.file} and ${b.file} have no cell in common, so there is nothing to compare; name two runs of the same checks`,
      )
    }
    io.stdout.write(
      json === true
        ? `${JSON.stringify(comparisonSchema.parse(comparison), null, 2)}\n`
        : markdown === true
          ? renderComparisonMarkdown(comparison, all === true)
          : renderComparison(comparison, {
              all: all === true,
              colors: colorsOf(io.stdout, env),
              ...(io.stdout.isTTY === true && io.stdout.columns !== undefined
                ? { columns: io.stdout.columns }
                : {}),
            }),
    )
    return exitCodeOfEnding({ kind: 'comparison', comparison, failOn })
  },
}
