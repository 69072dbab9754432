import { describe, expect, it } from 'vitest'
import { REASON_PLACEHOLDER, type BaselineRow } from '../../src/baseline-schema.js'
import type { Check } from '../../src/catalogue/check.js'
import { applyBaseline, markedEarly } from '../../src/engine/baseline.js'
import { updateBaseline } from '../../src/engine/baseline-update.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { mergeReports } from '../../src/engine/merge.js'
import { shardOf } from '../../src/engine/plan.js'
import { countVerdicts, type Result, type RunReport } from '../../src/report/model.js'
import type { ReadReport } from '../../src/report/read.js'
import { conclusionOf } from '../../src/report/text.js'
import { fixtureReport, result } from '../report/fixture-report.js'

/** Two checks of the catalogue, so that a merge knows them too. */
const AUDIENCE = 'rs.token.other-audience'
const ISSUER = 'discovery.issuer-match'
const CATALOGUE = [
  { id: AUDIENCE, modes: ['oauth'] },
  { id: ISSUER, modes: ['nextcloud'] },
  { id: 'parity.tools', modes: ['both'] },
] as unknown as readonly Check[]

const row = (changes: Partial<BaselineRow> = {}): BaselineRow => ({
  check: AUDIENCE,
  mode: 'oauth',
  verdict: 'failed',
  reason: 'repaired in 1.5',
  ...changes,
})

function run(results: readonly Result[], changes: Partial<RunReport> = {}): RunReport {
  return {
    ...fixtureReport(),
    results: [...results],
    staleDeviations: [],
    summary: countVerdicts(results),
    targets: fixtureReport().targets.map((target) => ({
      ...target,
      serverInfo: { name: 'mine', version: '1.4.2' },
    })),
    ...changes,
  }
}

const audience = (verdict: Result['verdict']): Result => result({ check: AUDIENCE, verdict })
const passing = result({ check: ISSUER, mode: 'nextcloud', suite: 'discovery', verdict: 'passed' })

/** State of the only row, and the exit code of the run. */
function judged(
  cells: readonly Result[],
  only: BaselineRow,
  changes: Partial<RunReport> = {},
): readonly [string | undefined, number] {
  const report = applyBaseline(run([...cells, passing], changes), { file: 'b.json', rows: [only] }, CATALOGUE)
  return [report.baseline?.rows[0]?.state, exitCodeOf(report)]
}

describe('a row of the baseline', () => {
  it.each<[string, readonly Result[], BaselineRow, string, number]>([
    ['accepts its verdict', [audience('failed')], row(), 'accepted', 0],
    ['accepts a warning', [audience('warning')], row({ verdict: 'warning' }), 'accepted', 0],
    ['accepts not-testable', [audience('not-testable')], row({ verdict: 'not-testable' }), 'accepted', 0],
    ['accepts no other verdict', [audience('failed')], row({ verdict: 'warning' }), 'other-verdict', 1],
    ['accepts no better verdict either', [audience('warning')], row(), 'other-verdict', 1],
    ['never accepts an error', [audience('error')], row(), 'other-verdict', 3],
    ['is stale when its cell passes', [audience('passed')], row(), 'stale', 1],
    ['is stale when Nextcloud is to blame now', [audience('known-deviation')], row(), 'stale', 1],
    ['is stale without such a check', [], row({ check: 'rs.token.nothing' }), 'stale', 1],
    ['is stale without such a mode of the check', [audience('failed')], row({ mode: 'basic' }), 'stale', 1],
    ['waits when its cell was not run', [], row(), 'not-run', 0],
    ['waits when its cell does not apply', [audience('not-applicable')], row(), 'not-run', 0],
    ['accepts through its last day', [audience('failed')], row({ expires: '2026-11-23' }), 'accepted', 0],
    ['counts again after it', [audience('failed')], row({ expires: '2026-11-22' }), 'expired', 1],
    [
      'is stale, not expired, when its cell passes',
      [audience('passed')],
      row({ expires: '2026-01-01' }),
      'stale',
      1,
    ],
    ['accepts the whole version', [audience('failed')], row({ version: '1.4.2' }), 'accepted', 0],
    ['accepts versions that begin so', [audience('failed')], row({ version: '1.4' }), 'accepted', 0],
    [
      'of another version accepts nothing',
      [audience('failed')],
      row({ version: '1.40' }),
      'other-version',
      1,
    ],
    ['of another version is not stale', [audience('passed')], row({ version: '1.3' }), 'other-version', 0],
  ])('%s', (_what, cells, only, state, code) => {
    expect(judged(cells, only)).toEqual([state, code])
  })

  it("looks at Nextcloud's version for its own cells, and at both servers' for those of both", () => {
    const nextcloud = result({ check: ISSUER, mode: 'nextcloud', verdict: 'failed' })
    const ofNextcloud = row({ check: ISSUER, mode: 'nextcloud', version: '32' })
    const report = applyBaseline(run([nextcloud]), { file: 'b', rows: [ofNextcloud] }, CATALOGUE)
    expect(report.baseline?.rows[0]?.state).toBe('accepted')
    const both = result({ check: 'parity.tools', mode: 'both', verdict: 'failed' })
    const ofBoth = row({ check: 'parity.tools', mode: 'both', version: '1.4' })
    expect(judged([both], ofBoth)).toEqual(['accepted', 0])
    const [basic, oauth] = run([]).targets
    const older = { ...oauth!, serverInfo: { name: 'mine', version: '1.3.0' } }
    expect(judged([both], ofBoth, { targets: [basic!, older] })).toEqual(['other-version', 1])
    const later = { ...oauth!, serverInfo: { name: 'mine', version: '1.41.0' } }
    expect(judged([audience('failed')], row({ version: '1.4' }), { targets: [later] })).toEqual([
      'other-version',
      1,
    ])
    const { serverInfo: _, ...silent } = oauth!
    expect(judged([audience('failed')], row({ version: '1.4' }), { targets: [silent] })).toEqual([
      'other-version',
      1,
    ])
  })

  it('names what was probably meant', () => {
    const report = applyBaseline(
      run([]),
      { file: 'b', rows: [row({ check: 'rs.token.other-audence' })] },
      CATALOGUE,
    )
    expect(report.baseline?.rows[0]?.problem).toBe(`there is no such check; did you mean ${AUDIENCE}?`)
  })

  it('marks results and takes old marks away', () => {
    const marked = { ...audience('failed'), baselined: true }
    expect(applyBaseline(run([marked]), undefined, CATALOGUE).results[0]).not.toHaveProperty('baselined')
    const report = applyBaseline(run([audience('failed')]), { file: 'b', rows: [row()] }, CATALOGUE)
    expect(report.results[0]?.baselined).toBe(true)
    expect(exitCodeOf({ ...report, results: [{ ...audience('error'), baselined: true }] })).toBe(3)
  })

  it('is known while the run goes on, unless it is for one version', () => {
    const early = (only: BaselineRow) =>
      markedEarly(audience('failed'), { file: 'b', rows: [only] }, '2026-11-23').baselined
    expect(early(row())).toBe(true)
    expect(early(row({ version: '1.4' }))).toBeUndefined()
    expect(early(row({ verdict: 'warning' }))).toBeUndefined()
    expect(early(row({ expires: '2026-11-22' }))).toBeUndefined()
  })
})

describe('what a run with a baseline comes to', () => {
  const conclusion = (cells: readonly Result[], only: BaselineRow) => {
    const report = applyBaseline(run([...cells, passing]), { file: 'b', rows: [only] }, CATALOGUE)
    return conclusionOf({ ...report, exitCode: exitCodeOf(report) })
  }

  it('never claims that it conforms', () => {
    expect(conclusion([audience('failed')], row())).toEqual({
      tone: 'partial',
      text: 'Conforms but for 1 accepted finding',
    })
    expect(conclusion([audience('passed')], row()).text).toBe('The baseline accepts what no longer happens')
  })
})

describe('shards', () => {
  const WHOLE = run([audience('failed'), passing])

  function shard(index: number, rows: readonly BaselineRow[], results = WHOLE.results): ReadReport {
    const own = shardOf(results, { index, total: 2 })
    const part = run(own, { shard: { index, total: 2, plannedCells: results.length } })
    const report = applyBaseline(part, { file: 'b.json', rows: [...rows] }, CATALOGUE)
    return { file: `${index}`, folder: `/${index}`, report: { ...report, exitCode: exitCodeOf(report) } }
  }

  it('leave it to the merge whether a row is stale', () => {
    const rows = [row(), row({ check: ISSUER, mode: 'nextcloud' })]
    const parts = [shard(1, rows), shard(2, rows)]
    expect(parts.map(({ report }) => report.exitCode)).toEqual([0, 0])
    const { report } = mergeReports(parts, { allowMissing: false })
    expect(report.baseline?.rows.map(({ state }) => state)).toEqual(['accepted', 'stale'])
    expect(report.results[0]?.baselined).toBe(true)
    expect(report.exitCode).toBe(1)
    expect(
      mergeReports([shard(1, [row()]), shard(2, [row()])], { allowMissing: false }).report.exitCode,
    ).toBe(0)
  })

  it('of a missing shard make no row stale', () => {
    const rows = [row({ check: ISSUER, mode: 'nextcloud' }), row()]
    const { report } = mergeReports([shard(1, rows)], { allowMissing: true })
    expect(report.baseline?.rows.map(({ state }) => state)).toEqual(['not-run', 'accepted'])
  })

  it('with other rows are not of one run', () => {
    expect(() => mergeReports([shard(1, [row()]), shard(2, [])], { allowMissing: false })).toThrow(
      /not of one run: the baseline differs/,
    )
  })
})

describe('updating a baseline', () => {
  const failing = (check: string, verdict: Result['verdict'] = 'failed') => result({ check, verdict })

  it('keeps, changes, adds and drops, and leaves alone what did not run', () => {
    const kept = row({ expires: '2027-01-01', version: '1.4' })
    const expired = row({ check: 'parity.tools', mode: 'both', expires: '2020-01-01' })
    const stale = row({ check: ISSUER, mode: 'nextcloud' })
    const notRun = row({ check: 'a.b', reason: 'not run' })
    const changed = row({ check: 'a.c', verdict: 'warning', expires: '2027-01-01' })
    const catalogue = [
      ...CATALOGUE,
      { id: 'a.b', modes: ['oauth'] },
      { id: 'a.c', modes: ['oauth'] },
    ] as Check[]
    const report = run([
      audience('failed'),
      passing,
      result({ check: 'parity.tools', mode: 'both', verdict: 'failed' }),
      failing('a.c'),
      failing('a.d', 'warning'),
      failing('a.e', 'error'),
      failing('a.f', 'known-deviation'),
      failing('a.g', 'not-testable'),
    ])
    const update = updateBaseline([notRun, stale, kept, expired, changed], report, catalogue)
    const moved = { ...changed, verdict: 'failed', reason: REASON_PLACEHOLDER }
    const added = [
      row({ check: 'a.d', verdict: 'warning', reason: REASON_PLACEHOLDER }),
      row({ check: 'a.g', verdict: 'not-testable', reason: REASON_PLACEHOLDER }),
    ]
    expect(update.rows).toEqual([notRun, kept, expired, moved, ...added])
    expect(update.dropped).toEqual([stale])
    expect(update.kept).toEqual([notRun, kept, expired])
    expect(update.changed).toEqual([{ before: changed, after: moved }])
    expect(update.added).toEqual(added)
  })

  it('gives new rows the reason and the last day that it was given', () => {
    const given = { reason: 'known', expires: '2027-01-01' }
    expect(updateBaseline([], run([audience('failed')]), CATALOGUE, given).rows).toEqual([row(given)])
  })

  it('makes the run pass that it was made from, and nothing is left to do', () => {
    const report = run([audience('failed'), passing])
    const { rows } = updateBaseline([], report, CATALOGUE, { reason: 'known' })
    expect(exitCodeOf(applyBaseline(report, { file: 'b', rows: [...rows] }, CATALOGUE))).toBe(0)
    expect(updateBaseline(rows, report, CATALOGUE)).toMatchObject({
      rows,
      added: [],
      dropped: [],
      changed: [],
    })
  })
})
