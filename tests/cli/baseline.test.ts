import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'node-html-parser'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { baselineJsonSchema, baselineSchema } from '../../src/baseline-schema.js'
import type { RunSettings } from '../../src/engine/prepare.js'
import { applyBaseline } from '../../src/engine/baseline.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { CHECKS } from '../../src/catalogue/index.js'
import { countVerdicts, reportSchema, type RunReport } from '../../src/report/model.js'
import { writeReports } from '../../src/report/write.js'
import { fixtureReport, HOSTILE, result } from '../report/fixture-report.js'
import { cli } from './support.js'

const AUDIENCE = 'rs.token.other-audience'
const ISSUER = 'discovery.issuer-match'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-baseline-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

const RED = [
  result({ check: AUDIENCE, verdict: 'failed', message: 'another audience was accepted' }),
  result({ check: ISSUER, mode: 'nextcloud', suite: 'discovery', verdict: 'passed' }),
]

function reportOf(settings: Partial<RunSettings>, results = RED): RunReport {
  const report = applyBaseline(
    { ...fixtureReport(), results, mutants: [], staleDeviations: [], summary: countVerdicts(results) },
    settings.baseline,
    CHECKS,
  )
  return { ...report, exitCode: exitCodeOf(report) }
}

const run = (argv: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  cli(['run', '--user-agent', 'http', '--report-dir', 'out', ...argv], {
    cwd,
    env,
    services: {
      runConformance: (settings, { ui }) => {
        const report = reportOf(settings)
        ui.planned(report.results)
        for (const cell of report.results) ui.result(cell)
        return Promise.resolve({ report, screenshots: new Map() })
      },
    },
  })

const save = (rows: readonly object[], name = 'baseline.json') =>
  writeFile(join(cwd, name), JSON.stringify({ rows }))

const ROW = { check: AUDIENCE, mode: 'oauth', verdict: 'failed', reason: 'repaired in 1.5' }
const out = (name: string) => readFile(join(cwd, 'out', name), 'utf8')

describe('run --baseline', () => {
  it('takes accepted findings out of the exit code and shows them everywhere', async () => {
    await save([{ ...ROW, reason: `because ${HOSTILE}` }])
    const { code, out: text, err } = await run(['--baseline', 'baseline.json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(text).toContain('resource-server: 1 done, as expected')
    expect(text).toContain(`✗ failed ${AUDIENCE} [oauth] (baselined)`)
    expect(text).toContain('    accepted: because <script>')
    expect(text).toContain('conforms but for 1 accepted finding')
    expect(text).not.toContain('\u001b')
    const report = reportSchema.parse(JSON.parse(await out('report.json')))
    expect(report.results[0]?.baselined).toBe(true)
    expect(report.baseline).toMatchObject({ file: 'baseline.json', rows: [{ state: 'accepted' }] })
    const xml = await out('junit.xml')
    expect(xml).toMatch(/tests="2" failures="0" errors="0" skipped="1"/)
    expect(xml).toContain('failed, accepted: because')
    const markdown = await out('summary.md')
    expect(markdown).toContain('## Accepted by the baseline')
    expect(markdown).not.toContain('## Findings')
    expect(markdown).not.toContain('<script>')
    const page = parse(await out('index.html'))
    expect(page.querySelector('a.cell[data-baselined]')?.parentNode?.text).toContain('baselined')
    expect(page.querySelector('.chip[data-verdict=baselined]')?.text).toContain('1')
    expect(page.querySelector(`[id="cell-${AUDIENCE}-oauth"]`)?.text).toContain('Accepted by the baseline.')
    expect(page.querySelectorAll('script')).toHaveLength(1)
  })

  it('is also named by NCMC_BASELINE and by the configuration file', async () => {
    await save([ROW], 'mine.json')
    expect((await run([], { NCMC_BASELINE: 'mine.json' })).code).toBe(0)
    await writeFile(join(cwd, 'nc-mcp-conformance.config.json'), '{ "baseline": "mine.json" }')
    expect((await run([])).code).toBe(0)
    expect((await run(['--baseline', 'missing.json'])).code).toBe(2)
  })

  it('ends with 1 for a stale row, and says which one in every report', async () => {
    await save([
      ROW,
      { ...ROW, check: ISSUER, mode: 'nextcloud' },
      { ...ROW, check: 'rs.token.other-audence' },
    ])
    const { code, out: text } = await run(['--baseline', 'baseline.json'])
    expect(code).toBe(1)
    expect(text).toContain(
      `! stale: ${ISSUER} [nextcloud] it is passed now; remove the row from baseline.json\n` +
        `! stale: rs.token.other-audence [oauth] there is no such check; did you mean ${AUDIENCE}?; remove the row`,
    )
    expect(text).toContain('the baseline accepts what no longer happens')
    expect(await out('junit.xml')).toMatch(/<testsuite name="baseline"[^>]*tests="2" failures="2"/)
    expect(await out('summary.md')).toContain(`| **stale** | \`${ISSUER}\` |`)
    expect(await out('index.html')).toContain('Baseline, stale:')
  })

  it('warns of a row whose last day is over, whose finding counts, and of one that is about to end', async () => {
    await save([{ ...ROW, expires: '2026-11-22' }])
    const over = await run(['--baseline', 'baseline.json', '--quiet'])
    expect(over.code).toBe(1)
    expect(over.out).toContain(
      `! expired: ${AUDIENCE} [oauth] was accepted until 2026-11-22 (repaired in 1.5)`,
    )
    await save([{ ...ROW, expires: '2026-11-30' }])
    const soon = await run(['--baseline', 'baseline.json'])
    expect(soon.code).toBe(0)
    expect(soon.out).toContain('is accepted for 7 more days only')
    await save([{ ...ROW, expires: '2027-11-30' }])
    expect((await run(['--baseline', 'baseline.json'])).out).not.toContain('more days')
  })

  it.each<[string, string, RegExp]>([
    ['no JSON', '{ "rows": ', /baseline.json is not valid JSON/],
    ['no object', '[]', /baseline.json must be an object/],
    ['no rows', '{}', /"rows" of baseline.json must be a list/],
    [
      'an unknown member',
      '{ "rows": [], "row": [] }',
      /baseline.json: there is no member "row"; did you mean rows\?/,
    ],
    [
      'an unknown member of a row',
      JSON.stringify({ rows: [ROW, { ...ROW, expire: '2027-01-01' }] }),
      /item 2 of "rows" of baseline.json: there is no member "expire"; did you mean expires\?/,
    ],
    [
      'a wrong verdict',
      JSON.stringify({ rows: [{ ...ROW, verdict: 'faild' }] }),
      /"verdict" of item 1 of "rows" of baseline.json cannot be "faild"; did you mean failed\?/,
    ],
    ['an accepted error', JSON.stringify({ rows: [{ ...ROW, verdict: 'error' }] }), /cannot be "error"/],
    [
      'a wrong mode',
      JSON.stringify({ rows: [{ ...ROW, mode: 'oath' }] }),
      /cannot be "oath"; did you mean oauth\?/,
    ],
    [
      'no verdict',
      JSON.stringify({ rows: [{ check: 'a', mode: 'oauth', reason: 'x' }] }),
      /"verdict" of item 1 .* is missing/,
    ],
    ['no reason', JSON.stringify({ rows: [{ ...ROW, reason: '  ' }] }), /"reason" of item 1 .* not empty/],
    [
      'a wrong date',
      JSON.stringify({ rows: [{ ...ROW, expires: '2027-02-30' }] }),
      /a date such as 2027-03-31/,
    ],
    ['a wrong version', JSON.stringify({ rows: [{ ...ROW, version: '>=1' }] }), /a version such as 1.4/],
    ['one cell twice', JSON.stringify({ rows: [ROW, ROW] }), /other-audience \[oauth\] has two rows/],
    [
      'the placeholder',
      JSON.stringify({ rows: [{ ...ROW, reason: 'TO BE FILLED IN: why is this accepted?' }] }),
      /other-audience \[oauth\] has no reason yet; write into "reason"/,
    ],
  ])('refuses a file with %s, with exit code 2 and one line', async (_what, text, message) => {
    await writeFile(join(cwd, 'baseline.json'), text)
    const { code, err } = await run(['--baseline', 'baseline.json'])
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(2)
  })
})

describe('baseline update', () => {
  async function report(results = RED, changes: Partial<RunReport> = {}): Promise<void> {
    await mkdir(join(cwd, 'report'), { recursive: true })
    await writeReports(join(cwd, 'report'), { ...reportOf({}, results), ...changes }, new Map())
  }
  const update = (...argv: readonly string[]) =>
    cli(['baseline', 'update', '--from', 'report', '--baseline', 'sub/baseline.json', ...argv], { cwd })
  const file = async () => JSON.parse(await readFile(join(cwd, 'sub', 'baseline.json'), 'utf8')) as unknown

  beforeEach(() => mkdir(join(cwd, 'sub')))

  it('writes a file that run takes, with the reason and a schema for editors', async () => {
    await report()
    const { code, out: text, err } = await update('--reason', ' repaired in 1.5 ', '--expires', '2027-03-31')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(text).toBe(
      `+ added   ${AUDIENCE} [oauth]: failed\n1 row in sub/baseline.json: 0 kept, 0 changed, 1 added, 0 dropped\n`,
    )
    expect(await file()).toEqual({
      $schema: '../node_modules/nc-mcp-conformance/dist/baseline.schema.json',
      rows: [{ ...ROW, expires: '2027-03-31' }],
    })
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    expect(ajv.validate(baselineJsonSchema(), await file())).toBe(true)
    expect(ajv.validate(baselineJsonSchema(), { rows: [{ ...ROW, verdict: 'error' }] })).toBe(false)
    expect((await run(['--baseline', 'sub/baseline.json'])).code).toBe(0)
  })

  it('asks for a reason, and run refuses the file until it is there', async () => {
    await report()
    expect((await update()).out).toContain('1 row needs a reason: write it in place of "TO BE FILLED IN')
    expect((await run(['--baseline', 'sub/baseline.json'])).err).toContain('has no reason yet')
    await report()
    expect((await update()).out).toContain('1 kept, 0 changed, 0 added, 0 dropped\n1 row needs a reason')
  })

  it('lists what it drops, and writes nothing with --dry-run', async () => {
    await report()
    await update('--reason', 'repaired in 1.5')
    const before = await file()
    await report(RED.map((cell) => ({ ...cell, verdict: 'passed' as const })))
    const dry = await update('--dry-run')
    expect(dry.out).toBe(
      `- dropped ${AUDIENCE} [oauth]: no longer failed (repaired in 1.5)\nwould be 0 rows in sub/baseline.json: 0 kept, 0 changed, 0 added, 1 dropped\n`,
    )
    expect(await file()).toEqual(before)
    await update()
    expect(baselineSchema.parse(await file()).rows).toEqual([])
  })

  it.each<[readonly string[], RegExp]>([
    [['baseline'], /baseline needs an action: baseline update/],
    [['baseline', 'updte'], /no action "updte"; did you mean update\?/],
    [['baseline', 'update', '--baseline', 'b.json'], /needs --from/],
    [['baseline', 'update', '--from', 'report'], /needs --baseline/],
    [
      ['baseline', 'update', '--from', 'report', '--baseline', 'none/b.json'],
      /--baseline: none\/b.json cannot be written/,
    ],
    [
      ['baseline', 'update', '--from', 'report', '--baseline', 'b.json', '--reason', ' '],
      /--reason must be a text/,
    ],
    [
      ['baseline', 'update', '--from', 'report', '--baseline', 'b.json', '--expires', 'soon'],
      /--expires must be a date/,
    ],
  ])('refuses %j', async (argv, message) => {
    await report()
    const { code, err } = await cli(argv, { cwd })
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  it('does not accept deliberate faults', async () => {
    await report(RED, { mutants: ['s-aud-unchecked'] })
    expect((await update()).err).toMatch(/run with deliberate faults \(--mutant\)/)
  })
})
