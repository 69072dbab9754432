import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'node-html-parser'
import { createColors } from 'picocolors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HarnessError, UsageError } from '../../src/errors.js'
import { renderSummary } from '../../src/report/console-summary.js'
import { renderJson, reportJsonSchema } from '../../src/report/json.js'
import { renderJunit } from '../../src/report/junit.js'
import { renderMarkdown } from '../../src/report/markdown.js'
import type { RunReport, Verdict } from '../../src/report/model.js'
import { ensureReportDir } from '../../src/report/report-dir.js'
import { conclusionOf } from '../../src/report/text.js'
import { writeReports } from '../../src/report/write.js'
import { fixtureReport, result, SCREENSHOTS } from './fixture-report.js'

function validator() {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  addFormats.default(ajv)
  return ajv.compile(reportJsonSchema())
}

describe('report.json', () => {
  it('follows the published JSON Schema', () => {
    const validate = validator()
    expect(validate(JSON.parse(renderJson(fixtureReport()))), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each([
    [
      'a verdict that does not exist',
      (report: RunReport) => ({ ...report, results: [result({ check: 'a', verdict: 'odd' as 'passed' })] }),
    ],
    ['a missing member', (report: RunReport) => ({ ...report, tokens: undefined })],
  ])('is refused by the schema and by the writer with %s', (_what, spoil) => {
    const spoilt = spoil(fixtureReport()) as unknown as RunReport
    expect(validator()(JSON.parse(JSON.stringify(spoilt)))).toBe(false)
    expect(() => renderJson(spoilt)).toThrow(HarnessError)
  })
})

describe('junit.xml', () => {
  const xml = parse(renderJunit(fixtureReport()).replaceAll(/<!\[CDATA\[|\]\]>/g, ''))
  const testCase = (name: string) => xml.querySelector(`testcase[name="${name}"]`)

  it('has one suite per suite with right counts', () => {
    const suites = xml.querySelectorAll('testsuite').map((suite) => suite.getAttribute('name'))
    expect(suites).toEqual(['discovery', 'tokens', 'resource-server', 'tools', 'parity', 'resilience'])
    const { tests, failures, errors, skipped } = xml.querySelector('testsuites')!.attributes
    expect({ tests, failures, errors, skipped }).toEqual({
      tests: '9',
      failures: '2',
      errors: '2',
      skipped: '2',
    })
  })

  it('reports what is red as failure or error, and what is known as skipped with its reason', () => {
    expect(testCase('rs.token.audience [oauth]')?.querySelector('failure')?.getAttribute('type')).toBe(
      'failed',
    )
    expect(testCase('rs.challenge.scheme [oauth]')?.querySelector('failure')?.getAttribute('type')).toBe(
      'warning',
    )
    expect(testCase('parity.tools [both]')?.querySelector('error')?.getAttribute('type')).toBe('not-testable')
    expect(testCase('resilience.upstream [oauth]')?.querySelector('error')?.getAttribute('type')).toBe(
      'error',
    )
    const known = testCase('tokens.userinfo.invalid-token [nextcloud]')
    expect(known?.querySelector('skipped')).not.toBeNull()
    expect(known?.querySelector('system-out')?.text).toContain('A server must treat 400 and 401 alike.')
    expect(
      testCase('tools.notes.update [basic]')?.childNodes.some((node) =>
        /skipped|failure/.test(node.toString()),
      ),
    ).toBe(false)
  })

  it('holds no character that XML forbids', () => {
    expect(renderJunit(fixtureReport())).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })
})

describe('summary.md', () => {
  const markdown = renderMarkdown(fixtureReport())

  it('tells counts, findings with clauses, known deviations, origin of tokens and wall time', () => {
    expect(markdown).toContain('9 cells in 12.3 s')
    expect(markdown).toContain('| ✗ failed | 1 |')
    expect(markdown).toContain('[RFC 9728 §3.3](<https://www.rfc-editor.org/rfc/rfc9728.html#section-3.3>)')
    expect(markdown).toContain('A server must treat 400 and 401 alike.')
    expect(markdown).toContain('| alice | opaque | `[access_token#1a2b3c4d]` | Chromium 141.0 | 640 ms |')
    expect(markdown).toContain('jti-survives-refresh')
  })

  it('lets no text of a target become markup or another table cell', () => {
    expect(markdown).not.toContain('<script>')
    const row = markdown.split('\n').find((line) => line.includes('rs.challenge.scheme'))
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(6)
  })
})

describe('the conclusion', () => {
  const concluding = (exitCode: number, ...verdicts: Verdict[]): string =>
    conclusionOf({
      exitCode,
      results: verdicts.map((verdict) => result({ check: 'a', verdict })),
      staleDeviations: fixtureReport().staleDeviations,
    }).text

  it('says no more than what was found', () => {
    expect(concluding(0, 'passed', 'known-deviation')).toBe('Conforms')
    expect(concluding(1, 'passed', 'not-testable', 'warning', 'failed')).toBe('Does not conform')
    expect(concluding(1, 'not-testable', 'warning')).toBe('Breaks recommendations')
    expect(concluding(1, 'passed', 'not-testable')).toBe('Not everything could be tested')
    expect(concluding(1, 'passed')).toBe('A known deviation no longer happens')
    expect(concluding(3, 'failed')).toBe('The toolkit could not finish its work')
  })

  it('says what was out of reach, in every report by reason', () => {
    const reason = 'needs to start the server in oauth mode itself; it was given by URL'
    const unseen = ['a.one', 'a.two'].map((check) =>
      result({ check, verdict: 'not-testable', message: reason, outOfReach: true }),
    )
    const report = {
      ...fixtureReport(),
      exitCode: 0,
      results: [result({ check: 'a.seen', verdict: 'passed' }), ...unseen],
      staleDeviations: [],
    }
    expect(conclusionOf(report)).toEqual({
      tone: 'partial',
      text: 'Conforms as far as this set-up can show',
    })
    expect(conclusionOf({ ...report, exitCode: 1, results: unseen }).text).toBe('Nothing could be judged')
    expect(renderMarkdown(report)).toMatch(
      /Out of reach in this set-up[\s\S]*\| 2 +\| needs to start the server/,
    )
    const text = renderSummary(report, { folder: 'r', files: ['index.html'] }, createColors(false))
    expect(text).toContain(`Out of reach in this set-up, 2 cells:\n  ? 2 cells: ${reason}`)
    expect(text).not.toContain('not testable a.one')
    const cases = parse(renderJunit(report)).querySelectorAll('testcase')
    expect(cases.map((node) => node.querySelector('skipped, error, failure')?.tagName.toLowerCase())).toEqual(
      [undefined, 'skipped', 'skipped'],
    )
  })
})

describe('the report folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ncmc-report-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('gets all reports readable by everybody, with their pictures and nothing else', async () => {
    const dir = await ensureReportDir('deep/report', folder)
    await expect(writeReports(dir, fixtureReport(), SCREENSHOTS)).resolves.toEqual([
      'index.html',
      'report.json',
      'junit.xml',
      'summary.md',
    ])
    await expect(readdir(dir)).resolves.toEqual([
      'consent-1.png',
      'index.html',
      'junit.xml',
      'login-1.png',
      'report.json',
      'summary.md',
    ])
    expect((await stat(join(dir, 'report.json'))).mode & 0o133).toBe(0)
  })

  it('loses the pictures of the previous report and keeps what is not ours', async () => {
    await writeReports(folder, fixtureReport(), SCREENSHOTS)
    await writeFile(join(folder, 'mine.png'), 'mine')
    await writeReports(folder, { ...fixtureReport(), tokens: [], results: [] }, new Map())
    await expect(readdir(folder)).resolves.toEqual([
      'index.html',
      'junit.xml',
      'mine.png',
      'report.json',
      'summary.md',
    ])
  })

  it('never follows a name of a picture out of the folder', async () => {
    const dir = await ensureReportDir('report', folder)
    await writeReports(dir, fixtureReport(), new Map([['../escaped.png', SCREENSHOTS.get('login-1.png')!]]))
    await expect(readdir(folder)).resolves.toEqual(['report'])
  })

  it('is refused before the run when it cannot be made, naming the flag', async () => {
    await writeFile(join(folder, 'file'), '')
    const refusal = ensureReportDir('file/report', folder)
    await expect(refusal).rejects.toThrow(UsageError)
    await expect(refusal).rejects.toMatchObject({
      code: 'NCMC_REPORT_DIR',
      message: expect.stringContaining('--report-dir'),
    })
  })

  it('is refused when Playwright would replace a folder of somebody else, not after a run of ours', async () => {
    await mkdir(join(folder, 'playwright'))
    await writeFile(join(folder, 'playwright', 'important.txt'), 'x')
    await expect(ensureReportDir('.', folder)).rejects.toMatchObject({ code: 'NCMC_REPORT_DIR' })
    await writeFile(join(folder, 'playwright', 'index.html'), '')
    await expect(ensureReportDir('.', folder)).resolves.toBe(folder)
    await expect(readFile(join(folder, 'playwright', 'important.txt'), 'utf8')).resolves.toBe('x')
  })
})
