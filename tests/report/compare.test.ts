import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'
import { changeOf, compareReports, comparisonSchema } from '../../src/report/compare.js'
import { renderComparison, renderComparisonMarkdown } from '../../src/report/compare-text.js'
import { countVerdicts, VERDICTS, type Result, type RunReport, type Verdict } from '../../src/report/model.js'
import type { ReadReport } from '../../src/report/read.js'
import { fixtureReport, HOSTILE, result } from './fixture-report.js'

const IDS = ['z.first', 'm.second', 'a.third']

function read(name: string, results: readonly Result[], changes: Partial<RunReport> = {}): ReadReport {
  const report = { ...fixtureReport(), results: [...results], summary: countVerdicts(results), ...changes }
  return { file: `${name}/report.json`, folder: `/${name}`, report }
}

const finding = (id: string, message = `message of ${id}`) => ({ id, message })

/** Compares one cell under two verdicts. */
function compareCells(before: Partial<Result>, after: Partial<Result>) {
  const cell = (changes: Partial<Result>) => result({ check: 'z.first', verdict: 'passed', ...changes })
  const { cells } = compareReports(read('a', [cell(before)]), read('b', [cell(after)]), IDS)
  expect(cells).toHaveLength(1)
  return cells[0]!
}

describe('what became of a verdict', () => {
  const BEST_TO_WORST = [
    'passed',
    'not-applicable',
    'known-deviation',
    'warning',
    'not-testable',
    'failed',
    'error',
  ] as const satisfies readonly Verdict[]

  it('is a regression for every step down, and an improvement for every step up but to not-testable', () => {
    expect([...BEST_TO_WORST].toSorted()).toEqual([...VERDICTS].toSorted())
    for (const [at, before] of BEST_TO_WORST.entries()) {
      for (const [to, after] of BEST_TO_WORST.entries()) {
        const expected =
          to === at ? 'equal' : to > at ? 'regression' : after === 'not-testable' ? 'changed' : 'improvement'
        expect(changeOf(before, after), `${before} → ${after}`).toBe(expected)
      }
    }
  })

  it('with the same verdict depends on the set of findings, not on their order or words', () => {
    const [one, two] = [finding('one'), finding('two')]
    const failed = (...findings: Result['findings']): Partial<Result> => ({ verdict: 'failed', findings })
    expect(compareCells(failed(one, two), failed(two, finding('one', 'in other words'))).change).toBe('equal')
    expect(compareCells(failed(one), failed(one, two))).toMatchObject({
      change: 'changed',
      why: 'message of two',
    })
    expect(compareCells(failed(one, two), failed(one))).toMatchObject({
      change: 'changed',
      why: 'no longer: message of two',
    })
  })
})

describe('why a cell differs', () => {
  it.each<[string, Partial<Result>, Partial<Result>, string]>([
    ['a new finding', {}, { verdict: 'failed', findings: [finding('new')] }, 'message of new'],
    [
      'a finding that is gone',
      { verdict: 'failed', findings: [finding('old')] },
      {},
      'no longer: message of old',
    ],
    [
      'the reason of a verdict without findings',
      {},
      { verdict: 'not-testable', message: 'it is down' },
      'it is down',
    ],
    ['the reason that is gone', { verdict: 'error', message: 'it crashed' }, {}, 'no longer: it crashed'],
    [
      'nothing for the same',
      { verdict: 'not-testable', message: 'a' },
      { verdict: 'not-testable', message: 'b' },
      '',
    ],
  ])('is told by %s', (_what, before, after, why) => {
    expect(compareCells(before, after).why).toBe(why)
  })
})

/** Every kind of change, in an order that is not the catalogue's. */
function example() {
  const passed = (check: string, changes: Partial<Result> = {}) =>
    result({ check, verdict: 'passed', ...changes })
  const a = read('main', [
    passed('a.third'),
    passed('m.second', { mode: 'basic' }),
    passed('m.second', { mode: 'nextcloud' }),
    passed('z.first', { verdict: 'failed', findings: [finding('old')] }),
    passed('unknown.removed'),
    passed('x.warned', { verdict: 'failed' }),
  ])
  const b = read('branch', [
    passed('z.first'),
    passed('x.warned', { verdict: 'not-testable', message: HOSTILE }),
    passed('m.second', { mode: 'nextcloud', verdict: 'known-deviation', findings: [finding('known')] }),
    passed('m.second', { mode: 'basic' }),
    passed('a.third', { verdict: 'failed', findings: [finding('broken', HOSTILE)] }),
    passed('b.added', { verdict: 'warning', message: 'new here' }),
  ])
  return { a, b, comparison: compareReports(a, b, IDS) }
}

describe('a comparison', () => {
  it('lists cells in the order of the catalogue and its modes, unknown ones last, whichever way round', () => {
    const { a, b, comparison } = example()
    const names = comparison.cells.map(({ check, mode, change }) => `${check} ${mode} ${change}`)
    expect(names).toEqual([
      'z.first oauth improvement',
      'm.second nextcloud regression',
      'm.second basic equal',
      'a.third oauth regression',
      'b.added oauth added',
      'unknown.removed oauth removed',
      'x.warned oauth changed',
    ])
    const back = compareReports(b, a, IDS).cells.map(({ check, mode }) => `${check} ${mode}`)
    expect(back).toEqual(comparison.cells.map(({ check, mode }) => `${check} ${mode}`))
  })

  it('counts every kind of change and follows its schema', () => {
    const { comparison } = example()
    expect(comparison.summary).toEqual({
      regression: 2,
      improvement: 1,
      changed: 1,
      added: 1,
      removed: 1,
      equal: 1,
    })
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(
      JSON.parse(JSON.stringify(comparison)),
    )
  })
})

describe('on the console', () => {
  const plain = createColors(false)

  it('says what the runs were, shows aligned columns, and ends with the sums', () => {
    const { comparison } = example()
    const lines = renderComparison(comparison, { all: false, colors: plain }).trimEnd().split('\n')
    expect(lines[0]).toBe('A  main/report.json: nc-mcp-conformance 0.1.0, 2026-11-23 13:00:00 UTC, 6 cells')
    expect(lines[1]).toBe('   embedded (oidc-2.0.9), Nextcloud 32.0.2, oidc 2.0.9, notes 4.13.1')
    expect(lines[2]).toBe('   basic reference (reference 0.1.0), oauth url; user agent Chromium 141.0')
    expect(lines[3]).toBe('   mutants: s-aud-unchecked')
    expect(lines[4]).toMatch(/^B {2}branch\/report\.json/)
    expect(lines.at(-1)).toBe('2 regressions, 1 improvement, 1 changed, 1 added, 1 removed, 1 equal')
    const header = lines.findIndex((line) => line.includes('why'))
    const rows = lines.slice(header, -2)
    expect(rows).toHaveLength(7)
    const columns = ['check', 'mode', 'A', 'B', 'why'].map((title) => rows[0]!.indexOf(` ${title}`))
    for (const row of rows.slice(1)) {
      for (const at of columns.filter((column) => column < row.length)) expect(row[at], row).toBe(' ')
    }
    expect(rows[1]).toMatch(
      /^✓ improvement {2}z\.first +oauth +✗ failed +✓ passed +"no longer: message of old"$/,
    )
    expect(rows.some((row) => row.includes('= equal'))).toBe(false)
  })

  it('shows the cells that are the same on demand', () => {
    const { comparison } = example()
    const all = renderComparison(comparison, { all: true, colors: plain })
    expect(all).toMatch(/^= equal +m\.second +basic +✓ passed +✓ passed$/m)
  })

  it('quotes texts of targets on one line, cut to the width of the terminal', () => {
    const { comparison } = example()
    const text = renderComparison(comparison, { all: true, colors: plain, columns: 130 })
    expect(text).not.toContain('\u001b')
    const rows = text.split('\n').filter((line) => /^[✗~]/.test(line))
    expect(rows).toHaveLength(3)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(130)
    expect(rows[1]).toContain('"<script>')
    expect(rows[1]).toContain('…"')
  })

  it('has the colours of verdicts where colours are wanted', () => {
    const colors = createColors(true)
    const text = renderComparison(example().comparison, { all: false, colors })
    expect(text).toContain(colors.red('✗ regression '))
    expect(text).toContain(colors.red('✗ failed         '))
    expect(text).toContain(
      colors.bold(colors.red('2 regressions, 1 improvement, 1 changed, 1 added, 1 removed, 1 equal')),
    )
  })

  it('is not green when cells are gone', () => {
    const colors = createColors(true)
    const { a } = example()
    const fewer = { ...a, report: { ...a.report, results: a.report.results.slice(1) } }
    const text = renderComparison(compareReports(a, fewer, IDS), { all: false, colors })
    expect(text).toContain(colors.bold(colors.yellow('no regression: 1 removed, 5 equal')))
  })

  it('says that there is no regression, and shows no table, when all is the same', () => {
    const { a } = example()
    const text = renderComparison(compareReports(a, a, IDS), { all: false, colors: plain })
    expect(text.trimEnd().split('\n').at(-1)).toBe('no regression: 6 equal')
    expect(text).not.toContain('why')
  })

  it('names the apps that both have, and counts the others', () => {
    const { a, b } = example()
    const nextcloud = { ...b.report.nextcloud, apps: { dav: '1.34.2', notes: '4.12.0', oidc: '2.0.9' } }
    const other = { ...b, report: { ...b.report, nextcloud } }
    const text = renderComparison(compareReports(a, other, IDS), { all: false, colors: plain })
    expect(text).toContain('Nextcloud 32.0.2, oidc 2.0.9, notes 4.13.1\n')
    expect(text).toContain('Nextcloud 32.0.2, notes 4.12.0, oidc 2.0.9, 1 app that only this one names\n')
  })

  it('says what part of a run a report is about', () => {
    const { a, b } = example()
    const merged = { ...b, report: { ...b.report, merged: { total: 3, missing: [2] } } }
    const shard = { ...a, report: { ...a.report, shard: { index: 1, total: 3, plannedCells: 16 } } }
    const text = renderComparison(compareReports(shard, merged, IDS), { all: false, colors: plain })
    expect(text).toContain('6 cells, shard 1 of 3\n')
    expect(text).toContain('6 cells, merged from 2 shards, without shard 2 of 3\n')
  })
})

describe('as Markdown', () => {
  it('has the sums, what the runs were, and a row per difference in which nothing of a target is markup', () => {
    const { comparison } = example()
    const markdown = renderComparisonMarkdown(comparison, false)
    expect(markdown).toContain('**2 regressions, 1 improvement, 1 changed, 1 added, 1 removed, 1 equal.**')
    expect(markdown).toContain('| A | main/report.json: nc-mcp-conformance 0.1.0')
    expect(markdown).not.toContain('<script>')
    const rows = markdown.split('\n').filter((line) => /^\| [✗✓~+-] /.test(line))
    expect(rows).toHaveLength(6)
    for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(7)
    expect(renderComparisonMarkdown(comparison, true)).toContain('| = equal | `m.second` |')
  })
})
