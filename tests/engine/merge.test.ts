import { describe, expect, it } from 'vitest'
import { mergeReports } from '../../src/engine/merge.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { shardOf } from '../../src/engine/plan.js'
import { UsageError } from '../../src/errors.js'
import { countVerdicts, type RunReport } from '../../src/report/model.js'
import type { ReadReport } from '../../src/report/read.js'
import { conclusionOf } from '../../src/report/text.js'
import { fixtureReport } from '../report/fixture-report.js'

const WHOLE = fixtureReport()

/** The report that shard `index` of the fixture's run would have written. */
function shard(index: number, total: number, changes: Partial<RunReport> = {}): ReadReport {
  const results = shardOf(WHOLE.results, { index, total })
  const report: RunReport = {
    ...WHOLE,
    startedAt: `2026-11-23T13:${String(index).padStart(2, '0')}:00.000Z`,
    durationMs: 60_000,
    shard: { index, total, plannedCells: WHOLE.results.length },
    results: [...results],
    staleDeviations: index === 1 ? WHOLE.staleDeviations : [],
    summary: countVerdicts(results),
    ...changes,
  }
  return {
    file: `shard-${index}/report.json`,
    folder: `/reports/shard-${index}`,
    report: { ...report, exitCode: exitCodeOf(report) },
  }
}

const shards = (total: number): ReadReport[] => Array.from({ length: total }, (_, at) => shard(at + 1, total))

function refusal(reports: readonly ReadReport[]): string {
  try {
    mergeReports(reports, { allowMissing: false })
  } catch (error) {
    if (error instanceof UsageError && error.code === 'NCMC_REPORT') return error.message
    throw error
  }
  throw new Error('not refused')
}

describe('merging all shards', () => {
  it.each([1, 2, 3, 4, WHOLE.results.length])(
    'of %i gives the verdicts of the whole run in its order',
    (total) => {
      const { report } = mergeReports(shards(total).toReversed(), { allowMissing: false })
      const verdicts = ({ results }: RunReport) =>
        results.map(({ check, mode, verdict }) => [check, mode, verdict])
      expect(verdicts(report)).toEqual(verdicts(WHOLE))
      expect(report.summary).toEqual(WHOLE.summary)
      expect(report.staleDeviations).toEqual(WHOLE.staleDeviations)
      expect(report.exitCode).toBe(exitCodeOf(WHOLE))
      expect(report.merged).toEqual({ total, missing: [] })
      expect(report).not.toHaveProperty('shard')
    },
  )

  it('counts the time from the first start to the last end', () => {
    const { report } = mergeReports(shards(3), { allowMissing: false })
    expect(report.startedAt).toBe('2026-11-23T13:01:00.000Z')
    expect(report.durationMs).toBe(180_000)
  })

  it('gives every picture a name of its own, in the evidence too, and says which shard minted a token', () => {
    const { report, pictures } = mergeReports(shards(2), { allowMissing: false })
    expect(pictures).toContainEqual({
      folder: '/reports/shard-1',
      from: 'consent-1.png',
      to: 'shard-1-consent-1.png',
    })
    const logins = pictures.filter(({ from }) => from === 'login-1.png').map(({ to }) => to)
    expect(logins).toEqual(['shard-1-login-1.png', 'shard-2-login-1.png'])
    const named = JSON.stringify([report.tokens, report.results]).matchAll(/"file":"([^"]+)"/g)
    expect([...named].map(([, file]) => file).toSorted()).toEqual(pictures.map(({ to }) => to).toSorted())
    expect(report.tokens.map((token) => token.shard)).toEqual([1, 2])
  })

  it('keeps the logs of every shard and says whose they are', () => {
    const { report } = mergeReports(shards(2), { allowMissing: false })
    expect(report.logs?.map(({ source, shard: index }) => `${source} ${index}`)).toEqual([
      'nextcloud 1',
      'nextcloud 2',
    ])
  })

  it('takes what is known of the stack from a shard that had one', () => {
    const total = WHOLE.results.length + 1
    const reports = shards(total)
    const empty = shard(total, total, {
      nextcloud: { ...WHOLE.nextcloud, version: 'not started', url: '', apps: {} },
      userAgent: { kind: 'browser', version: 'not used' },
      targets: [],
      tokens: [],
    })
    const { report } = mergeReports([empty, ...reports.slice(0, -1)], { allowMissing: false })
    expect(report.nextcloud).toEqual(WHOLE.nextcloud)
    expect(report.targets).toEqual(WHOLE.targets)
    expect(report.userAgent).toEqual(WHOLE.userAgent)
  })
})

describe('merging without a shard', () => {
  it('is refused, naming it and the flag', () => {
    expect(refusal([shard(1, 3), shard(3, 3)])).toMatch(/shard 2 of 3 is missing; .*--allow-missing/)
  })

  it('passes when asked for, and the report does not claim to conform', () => {
    const passed = WHOLE.results.filter(({ verdict }) => verdict === 'passed')
    const changes = {
      results: passed,
      staleDeviations: [],
      shard: { index: 1, total: 2, plannedCells: 2 * passed.length },
    }
    const { report } = mergeReports([shard(1, 2, changes)], { allowMissing: true })
    expect(report.merged).toEqual({ total: 2, missing: [2] })
    expect(report.exitCode).toBe(0)
    expect(conclusionOf(report)).toEqual({
      tone: 'partial',
      text: 'Conforms as far as it ran: merged from 1 shard, without shard 2 of 2',
    })
  })

  it('ends with 3 when the shards that are there were empty', () => {
    const empty = { results: [], shard: { index: 2, total: 2, plannedCells: 1 } }
    expect(mergeReports([shard(2, 2, empty)], { allowMissing: true }).report.exitCode).toBe(3)
  })
})

describe('reports that do not belong together are refused', () => {
  const { nextcloud, targets, tool } = WHOLE
  it.each<[string, Partial<RunReport>, RegExp]>([
    [
      'another version of the tool',
      { tool: { ...tool, version: '0.2.0' } },
      /version of nc-mcp-conformance differs, "0.1.0" and "0.2.0"/,
    ],
    [
      'another profile',
      { nextcloud: { ...nextcloud, profile: 'strict' } },
      /profile differs, "oidc-2.0.9" and "strict"/,
    ],
    [
      'another Nextcloud version',
      { nextcloud: { ...nextcloud, version: '33.0.0' } },
      /version of Nextcloud differs/,
    ],
    [
      'another kind of Nextcloud',
      { nextcloud: { ...nextcloud, kind: 'container' } },
      /kind of Nextcloud differs/,
    ],
    ['other apps', { nextcloud: { ...nextcloud, apps: { oidc: '1.9.0' } } }, /apps differs, .*"oidc 1.9.0"/],
    [
      'another kind of server',
      { targets: targets.map((target) => ({ ...target, kind: 'command' as const })) },
      /kinds of servers differs/,
    ],
    ['fewer servers', { targets: targets.slice(1) }, /kinds of servers differs/],
    [
      'another version of the server',
      { targets: targets.map((target) => ({ ...target, serverInfo: { name: 'reference', version: '9' } })) },
      /server in basic mode differs, "reference 0.1.0" and "reference 9"/,
    ],
    ['mutants', { mutants: [] }, /mutants differs/],
    ['another user agent', { userAgent: { kind: 'http', version: 'http' } }, /user agent differs/],
    [
      'another number of shards',
      { shard: { index: 2, total: 3, plannedCells: 9 } },
      /number of shards differs/,
    ],
    ['another selection', { shard: { index: 2, total: 2, plannedCells: 8 } }, /planned cells differs/],
  ])('%s', (_what, changes, message) => {
    const text = refusal([shard(1, 2), shard(2, 2, changes)])
    expect(text).toContain('shard-1/report.json and shard-2/report.json are not of one run')
    expect(text).toMatch(message)
  })

  it('but not for the address of a Nextcloud that each shard starts, nor for the version of a browser', () => {
    const other = {
      nextcloud: { ...nextcloud, url: 'http://127.0.0.1:9' },
      userAgent: { kind: 'browser' as const, version: 'Chromium 142.0' },
    }
    const { report } = mergeReports([shard(1, 2), shard(2, 2, other)], { allowMissing: false })
    expect(report.userAgent.version).toBe('Chromium 141.0, Chromium 142.0')
    const attached = (url: string): Partial<RunReport> => ({
      nextcloud: { ...nextcloud, kind: 'attached', url },
    })
    expect(refusal([shard(1, 2, attached('http://a')), shard(2, 2, attached('http://b'))])).toMatch(/address/)
  })

  it.each<[string, ReadReport[], RegExp]>([
    ['a shard twice', [shard(1, 2), shard(1, 2)], /both hold "shard 1 of 2"/],
    [
      'cells twice',
      [shard(1, 2), shard(2, 2, { results: shard(1, 2).report.results.slice(0, 4) })],
      /both hold "discovery.issuer-match \[nextcloud\]"/,
    ],
    [
      'a report that lost cells',
      [shard(1, 2), shard(2, 2, { results: [] })],
      /holds 0 cells, but shard 2 of 2 of 9 cells has 4/,
    ],
    ['a whole run', [{ ...shard(1, 1), report: WHOLE }], /is of a whole run, not of a shard/],
    [
      'a merged report',
      [{ ...shard(1, 1), report: mergeReports(shards(2), { allowMissing: false }).report }],
      /is merged already/,
    ],
  ])('%s', (_what, reports, message) => {
    expect(refusal(reports)).toMatch(message)
  })
})
