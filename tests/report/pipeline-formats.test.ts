import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { applyBaseline } from '../../src/engine/baseline.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { artifactOf } from '../../src/report/artifact.js'
import { renderBadge } from '../../src/report/badge.js'
import { githubAnnotations } from '../../src/report/github.js'
import { renderGitlab } from '../../src/report/gitlab.js'
import type { Result, RunReport, Verdict } from '../../src/report/model.js'
import { renderSarif } from '../../src/report/sarif.js'
import { fixtureReport, HOSTILE, result } from './fixture-report.js'

const PROJECT = { configFile: 'nc-mcp-conformance.config.ts' }
const AUDIENCE = 'rs.token.other-audience'
const LEAK =
  'leak access_token=abcdefghijklmnop0123456789 https://x.example/cb?code=abcdefghijklmnop0123456789'

interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } }
  }[]
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly suppressions?: readonly { readonly justification: string }[]
}
interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri: string }[] }
      }
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly object[] },
      ]
      readonly results: readonly SarifResult[]
    },
  ]
}

const SCHEMA = createRequire(import.meta.url).resolve(
  '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
)

/** The schema is of draft 4, of which it uses nothing that draft 7 reads in another way but the name of `id`. */
function sarifValidator() {
  const {
    id: _,
    $schema: __,
    ...schema
  } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats.default(ajv)
  return ajv.compile(schema)
}

const sarifOf = (report: RunReport, project = PROJECT): Sarif =>
  JSON.parse(renderSarif(report, project)) as Sarif

/** A run in which one finding is accepted and one row is stale. */
function baselinedReport(): RunReport {
  const results = [
    result({ check: AUDIENCE, verdict: 'failed' }),
    result({ check: 'discovery.issuer-match', mode: 'nextcloud', suite: 'discovery', verdict: 'passed' }),
  ]
  const row = { check: AUDIENCE, mode: 'oauth', verdict: 'failed', reason: `because ${HOSTILE}` } as const
  const stale = { ...row, check: 'discovery.issuer-match', mode: 'nextcloud' } as const
  const report = applyBaseline(
    { ...fixtureReport(), results, staleDeviations: [] },
    { file: 'conformance/b line.json', rows: [row, stale] },
    CHECKS,
  )
  return { ...report, exitCode: exitCodeOf(report) }
}

const withMessage = (message: string): RunReport => ({
  ...fixtureReport(),
  staleDeviations: [],
  results: [result({ check: 'a.b', verdict: 'failed', message })],
})

describe('report.sarif', () => {
  it('follows the SARIF schema, which can refuse', () => {
    const validate = sarifValidator()
    for (const report of [
      fixtureReport(),
      baselinedReport(),
      { ...fixtureReport(), results: [], targets: [] },
    ])
      expect(validate(sarifOf(report)), JSON.stringify(validate.errors)).toBe(true)
    const [run] = sarifOf(fixtureReport()).runs
    const spoilt = run.results.map((one) => ({ ...one, level: 'fatal' }))
    expect(validate({ version: '2.1.0', runs: [{ ...run, results: spoilt }] })).toBe(false)
  })

  it('has a rule with its clause for every check, and a result for every cell that is not green', () => {
    const [{ tool, results, invocations }] = sarifOf(fixtureReport()).runs
    expect(tool.driver.rules.map(({ id }) => id)).toEqual([
      ...new Set(fixtureReport().results.map(({ check }) => check)),
    ])
    expect(tool.driver.rules[0]?.helpUri).toBe('https://www.rfc-editor.org/rfc/rfc9728.html#section-3.3')
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['rs.token.audience', 'error'],
      ['rs.challenge.scheme', 'warning'],
      ['parity.tools', 'warning'],
    ])
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    // Our own fault says nothing of the server.
    expect(invocations[0].executionSuccessful).toBe(false)
    expect(JSON.stringify(invocations[0].toolExecutionNotifications)).toContain('resilience.upstream')
  })

  it('ties findings to the configuration file, and keeps their fingerprints whatever the message says', () => {
    const [{ results }] = sarifOf(withMessage('one')).runs
    const [{ results: others }] = sarifOf(withMessage('another')).runs
    expect(results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(PROJECT.configFile)
    expect(results[0]?.partialFingerprints).toEqual(others[0]?.partialFingerprints)
    const all = sarifOf(fixtureReport()).runs[0].results.map((one) => JSON.stringify(one.partialFingerprints))
    expect(new Set(all).size).toBe(all.length)
  })

  it('suppresses what the baseline accepts, and ties a stale row to its file', () => {
    const [{ results }] = sarifOf(baselinedReport()).runs
    expect(results[0]?.suppressions?.[0]?.justification).toContain('because <script>')
    expect(results[1]).toMatchObject({ ruleId: 'baseline.stale', level: 'error' })
    expect(results[1]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('conformance/b%20line.json')
    expect(results[1]).not.toHaveProperty('suppressions')
  })

  it('lets no text of a target be a link or a placeholder', () => {
    const [{ results }] = sarifOf(withMessage('see [here](https://evil.example) {0}')).runs
    expect(results[0]?.message.text).toBe('oauth: see [here] (https://evil.example) {{0}}')
  })
})

describe('gl-code-quality-report.json', () => {
  const issues = (report: RunReport) =>
    JSON.parse(renderGitlab(report, PROJECT)) as readonly {
      readonly description: string
      readonly check_name: string
      readonly fingerprint: string
      readonly severity: string
      readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
    }[]

  it('has an issue with all that GitLab asks for per finding', () => {
    expect(issues(fixtureReport()).map(({ check_name, severity }) => [check_name, severity])).toEqual([
      ['rs.token.audience', 'critical'],
      ['rs.challenge.scheme', 'minor'],
      ['parity.tools', 'major'],
      ['resilience.upstream', 'blocker'],
    ])
    for (const issue of issues(fixtureReport())) {
      expect(issue.location).toEqual({ path: PROJECT.configFile, lines: { begin: 1 } })
      expect(issue.fingerprint).toMatch(/^[0-9a-f]{64}$/)
      expect(issue.description).not.toBe('')
    }
    expect(new Set(issues(fixtureReport()).map(({ fingerprint }) => fingerprint)).size).toBe(4)
  })

  it('shows what the baseline accepts as information, and its stale rows', () => {
    const [accepted, stale] = issues(baselinedReport())
    expect(accepted).toMatchObject({
      severity: 'info',
      description: expect.stringContaining('accepted: because'),
    })
    expect(stale).toMatchObject({ severity: 'major', location: { path: 'conformance/b line.json' } })
  })
})

describe('badge.json', () => {
  const badge = (exitCode: number, ...cells: readonly Partial<Result>[]) => {
    const results = cells.map((cell) => result({ check: 'a', verdict: 'passed', ...cell }))
    return JSON.parse(renderBadge({ ...fixtureReport(), staleDeviations: [], exitCode, results })) as object
  }
  const bad = (verdict: Verdict) => ({ verdict })

  it.each<[number, readonly Partial<Result>[], object]>([
    [0, [{}], { message: 'conforms', color: 'brightgreen' }],
    [
      0,
      [{}, { verdict: 'not-testable', outOfReach: true }],
      { message: 'conforms in reach', color: 'yellowgreen' },
    ],
    [0, [{ verdict: 'failed', baselined: true }], { message: 'conforms, 1 accepted', color: 'yellowgreen' }],
    [1, [bad('failed'), bad('failed'), bad('warning')], { message: '2 failed, 1 warning', color: 'red' }],
    [
      1,
      [bad('warning'), bad('warning'), bad('not-testable')],
      { message: '2 warnings, 1 not testable', color: 'orange' },
    ],
    [1, [{}], { message: 'expectations are stale', color: 'orange' }],
    [1, [{ verdict: 'not-testable', outOfReach: true }], { message: 'nothing judged', color: 'lightgrey' }],
    [
      1,
      [bad('failed'), { verdict: 'not-testable', outOfReach: true }],
      { message: '1 failed', color: 'red' },
    ],
    [3, [bad('error')], { message: 'no verdict', color: 'lightgrey', isError: true }],
  ])('with exit code %i says what there is', (exitCode, cells, face) => {
    expect(badge(exitCode, ...cells)).toEqual({ schemaVersion: 1, label: 'Nextcloud MCP', ...face })
  })
})

describe('a badge of a part', () => {
  it('claims no more than there is', () => {
    const results = [result({ check: 'a', verdict: 'failed', baselined: true })]
    const merged = { total: 2, missing: [2] }
    const report = { ...fixtureReport(), staleDeviations: [], exitCode: 0, results, merged }
    expect(renderBadge(report)).toContain('"incomplete"')
  })
})

describe('annotations of GitHub', () => {
  it('are one line each: errors, then warnings', () => {
    const lines = githubAnnotations(fixtureReport())
    expect(lines.map((line) => /^::(\w+) title=([^:]+)::/.exec(line)?.slice(1))).toEqual([
      ['error', 'rs.token.audience [oauth] failed'],
      ['error', 'resilience.upstream [oauth] error'],
      ['error', 'tokens.jwt.profile stale deviation'],
      ['warning', 'rs.challenge.scheme [oauth] warning'],
      ['warning', 'parity.tools [both] not-testable'],
    ])
    for (const line of lines) expect(line).not.toMatch(/[\r\n\u001b\u0000]/)
  })

  it('cannot be ended or begun by a text of a target', () => {
    const [line, ...others] = githubAnnotations({
      ...withMessage('100% of\r\n::set-env name=A::b, c'),
      results: [
        result({ check: 'a:b,c::d%', verdict: 'failed', message: '100% of\r\n::set-env name=A::b, c' }),
      ],
    })
    expect(others).toEqual([])
    expect(line).toBe('::error title=a%3Ab%2Cc%3A%3Ad%25 [oauth] failed::100%25 of ::set-env name=A::b, c')
  })

  it('are at most ten of a kind, and the last says how many more there are', () => {
    const results = Array.from({ length: 25 }, (_, at) => result({ check: `a.${at}`, verdict: 'failed' }))
    const lines = githubAnnotations({ ...fixtureReport(), staleDeviations: [], results })
    expect(lines).toHaveLength(10)
    expect(lines.at(-1)).toBe('::error title=MCP conformance::16 more errors: see the summary')
    const ten = githubAnnotations({ ...fixtureReport(), staleDeviations: [], results: results.slice(0, 10) })
    expect(ten.at(-1)).toContain('a.9')
  })

  it('leave out what is accepted, and show rows that must be looked at', () => {
    expect(githubAnnotations(baselinedReport()).map((line) => line.split('::')[1])).toEqual([
      'error title=discovery.issuer-match [nextcloud] stale',
    ])
    const expired = {
      check: AUDIENCE,
      mode: 'oauth',
      verdict: 'failed',
      reason: 'x',
      expires: '2026-01-01',
    } as const
    const report = applyBaseline(
      { ...withMessage('m'), results: [result({ check: AUDIENCE, verdict: 'failed' })] },
      { file: 'b', rows: [expired] },
      CHECKS,
    )
    const lines = githubAnnotations({ ...report, exitCode: 1 })
    expect(lines[0]).toContain(`::error title=${AUDIENCE} [oauth] failed::`)
    expect(lines[1]).toContain(
      `::warning title=Baseline expired%3A ${AUDIENCE} [oauth]::was accepted until 2026-01-01`,
    )
  })
})

describe('every format for pipelines', () => {
  const formats: readonly (readonly [string, (report: RunReport) => string])[] = [
    ['sarif', (report) => renderSarif(report, PROJECT)],
    ['gitlab', (report) => renderGitlab(report, PROJECT)],
    ['badge', renderBadge],
    ['github', (report) => githubAnnotations(report).join('\n')],
  ]

  it.each(formats)('%s is the same for the same report, without control characters', (_name, render) => {
    expect(render(fixtureReport())).toBe(render(fixtureReport()))
    expect(render(fixtureReport())).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\\u00(0|1)/)
  })

  it.each(formats)('%s cuts long messages, and shows nothing from a secret place', (_name, render) => {
    expect(render(withMessage('x'.repeat(100_000))).length).toBeLessThan(4_000)
    expect(render(withMessage(LEAK))).not.toContain('abcdefghijklmnop')
  })
})

describe('what is out of reach', () => {
  it('is told to no other system: it says nothing of the server', () => {
    const results = [result({ check: 'a.b', verdict: 'not-testable', outOfReach: true })]
    const report = { ...fixtureReport(), staleDeviations: [], results }
    expect(sarifOf(report).runs[0].results).toEqual([])
    expect(JSON.parse(renderGitlab(report, PROJECT))).toEqual([])
    expect(githubAnnotations(report)).toEqual([])
  })
})

describe('the file that findings are tied to', () => {
  it.each([
    [{}, undefined, 'README.md'],
    [{ configFile: './a/b.json' }, undefined, 'a/b.json'],
    [{ configFile: 'b.json', folder: 'servers/notes' }, undefined, 'servers/notes/b.json'],
    [{ configFile: '../b.json', folder: 'servers/notes' }, undefined, 'servers/b.json'],
    [{ configFile: '../b.json' }, undefined, 'README.md'],
    [{ configFile: '/etc/b.json' }, undefined, 'README.md'],
    [{ configFile: String.raw`C:\b.json` }, undefined, 'README.md'],
    [{ configFile: 'b.json' }, 'x.json', 'x.json'],
    [{ configFile: 'b.json' }, '/x.json', 'b.json'],
  ])('of %j and %s is %s', (project, preferred, path) => {
    expect(artifactOf(project, preferred)).toBe(path)
  })
})
