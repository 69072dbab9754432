import { MUTANT_IDS } from '../config/schema.js'
import { UsageError } from '../errors.js'
import type { MutantReport, SelfTestReport } from '../engine/self-test.js'
import { durationText, oneLine } from '../report/text.js'
import type { Command } from './command.js'
import { exitCodeOfEnding } from './exit-code.js'
import { choicesFlag } from './flags.js'

const CONFORMING = new Set(['passed', 'known-deviation', 'not-applicable'])

/** Proves that every check can fail. */
export const selfTestCommand: Command = {
  name: 'self-test',
  summary: 'run every mutant: each must turn its check red and nothing else',
  flags: [
    { name: 'mutant', type: 'array', description: 'only these mutants (repeatable)', placeholder: '<id>' },
    {
      name: 'every-cell',
      type: 'boolean',
      description: 'run every cell under every mutant, also those that never ask about it (slow)',
    },
    {
      name: 'kills-only',
      type: 'boolean',
      description:
        'run under each mutant only its own check: quick, but what else it breaks is not looked at',
    },
    { name: 'json', type: 'boolean', description: 'print the result as JSON; progress goes to stderr' },
  ],
  examples: [
    ['self-test', 'the whole catalogue'],
    ['self-test --mutant s-aud-unchecked', 'one mutant'],
    ['self-test --kills-only', 'that every check can fail, and no more'],
  ],
  async run({ flags, io, services }) {
    const mutants = choicesFlag(flags, 'mutant', MUTANT_IDS, 'list them with `nc-mcp-conformance list`')
    if (flags['every-cell'] === true && flags['kills-only'] === true)
      throw new UsageError('NCMC_USAGE', '--every-cell and --kills-only exclude each other')
    const json = flags['json'] === true
    const progress = json ? io.stderr : io.stdout
    const report = await services.runSelfTest(
      {
        mutants,
        signal: io.signal,
        everyCell: flags['every-cell'] === true,
        killsOnly: flags['kills-only'] === true,
      },
      {
        stage: (text) => progress.write(`${text}\n`),
        mutant: (result) => progress.write(mutantLines(result)),
      },
    )
    io.stdout.write(json ? `${JSON.stringify(report)}\n` : summary(report))
    return exitCodeOfEnding({ kind: 'self-test', report })
  },
}

function mutantLines(result: MutantReport): string {
  const mark = !result.killed ? '✗ survived' : result.unexpected.length > 0 ? '! collateral' : '✓ killed'
  const line = `${mark.padEnd(13)} ${result.mutant} by ${result.check} (${result.profile}, ${result.cells} cells, ${durationText(result.durationMs)})\n`
  return line + result.unexpected.map((cell) => `    not listed: ${oneLine(cell)}\n`).join('')
}

function summary(report: SelfTestReport): string {
  const red = report.baseline.filter(({ verdict }) => !CONFORMING.has(verdict))
  const killed = report.mutants.filter((mutant) => mutant.killed).length
  const unexpected = report.mutants.filter((mutant) => mutant.unexpected.length > 0).length
  const looked = report.killsOnly
    ? 'not looked at what else they break,'
    : `${unexpected} with unlisted collateral, ${red.length} unexpected without a mutant,`
  return [
    ...red.map(
      (cell) => `without a mutant (${cell.profile}): ${cell.cell} ${cell.verdict}: ${oneLine(cell.message)}`,
    ),
    '',
    `${killed} of ${report.mutants.length} mutants killed, ${looked} in ${durationText(report.durationMs)}`,
    '',
  ].join('\n')
}
