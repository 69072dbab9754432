import { SUITES, type Check } from '../catalogue/check.js'
import { clauseLabel, clauseUrl } from '../catalogue/specs.js'
import { checkPagePath } from '../docs/check-page-path.js'
import { choicesFlag } from './flags.js'
import type { Command } from './command.js'

/** Prints the catalogue. */
export const listCommand: Command = {
  name: 'list',
  summary: 'the catalogue: every check with its level, where it applies, its clauses and its mutants',
  flags: [
    {
      name: 'suite',
      type: 'array',
      description: 'only these suites (repeatable)',
      placeholder: '<suite>',
    },
    { name: 'json', type: 'boolean', description: 'print JSON' },
  ],
  examples: [
    ['list', 'all checks'],
    ['list --suite resource-server --json', 'one suite, for a program'],
  ],
  async run({ flags, io }) {
    const { CHECKS } = await import('../catalogue/index.js')
    const suites = choicesFlag(flags, 'suite', SUITES, `valid are ${SUITES.join(', ')}`)
    const checks = CHECKS.filter(({ suite }) => suites.length === 0 || suites.includes(suite))
    io.stdout.write(
      flags['json'] === true ? `${JSON.stringify(checks.map(toJson), null, 2)}\n` : toTable(checks),
    )
    return 0
  },
}

function toJson(check: Check): Record<string, unknown> {
  return {
    id: check.id,
    suite: check.suite,
    title: check.title,
    level: check.level,
    modes: check.modes,
    needs: check.needs ?? [],
    source: check.source.map((ref) => ({ label: clauseLabel(ref), url: clauseUrl(ref) })),
    covers: check.covers ?? [],
    page: checkPagePath(check.id),
    mutants: check.mutants.map(({ id, profile }) => ({ id, ...(profile === undefined ? {} : { profile }) })),
  }
}

/** Clauses are the longest column, so they come last and nothing is cut. */
function toTable(checks: readonly Check[]): string {
  const rows = checks.map((check) => [
    check.id,
    check.level,
    check.modes.join(' '),
    check.mutants.map(({ id }) => id).join(' '),
    [...check.source.map(clauseLabel), ...(check.covers ?? []).map((name) => `covers "${name}"`)].join('; '),
  ])
  const table = [['id', 'level', 'modes', 'mutants', 'clauses'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const one = checks.length === 1
  return `${lines.join('\n')}\n\n${checks.length} ${one ? 'check' : 'checks'}\n`
}
