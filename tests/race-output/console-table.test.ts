import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { RaceReport } from '../../src/race/model.js'
import { consoleTable } from '../../src/race/output/index.js'
import { fixtureReport, HOSTILE } from './fixture-report.js'

/** The lines of one cause, without the indentation. */
function linesOf(cause: string, width = 140, report: RaceReport = fixtureReport()): string[] {
  const lines = consoleTable(report, { width, color: false }).split('\n')
  const start = lines.indexOf(cause)
  const length = lines.slice(start + 1).findIndex((line) => /^\S/.test(line))
  return lines.slice(start, start + 1 + length).map((line) => line.replace(/^ {2}/, ''))
}

describe('the table for a terminal', () => {
  it('says per step what succeeds at once, from when on it always does, and how it failed first', () => {
    const lines = linesOf('replica-lag')
    expect(lines).toContain(
      'token                     0 %  2.25 s       400 invalid_grant “Could not find access token for code or refresh_token.” (+1 other)',
    )
    expect(lines).toContain('authorize-logged-out    100 %  0 ms         –')
    expect(linesOf('registration-limit').join('\n')).toMatch(/^api +20\.0 % +not within 3 s +429 /m)
  })

  it('says per remedy what still fails, how sure that is, and what it costs', () => {
    const lines = linesOf('replica-lag')
    const cells = (remedy: string): string[] | undefined =>
      lines.find((line) => line.startsWith(remedy))?.split(/ {2,}/)
    expect(cells('remedy')).toEqual([
      'remedy',
      'failures',
      '(95 %)',
      '+p50',
      '+p95',
      '+p99',
      'requests',
      'clients',
    ])
    expect(cells('retry-first-use')).toEqual([
      'retry-first-use',
      '3.0 %',
      '1.4–6.4',
      '2.55 s',
      '3.4 s',
      '4.06 s',
      '11.2',
      '1',
    ])
    expect(cells('client-read-probe')?.slice(0, 3)).toEqual(['client-read-probe', '0 %', '0–1.9'])
    expect(cells('none')?.slice(0, 3)).toEqual(['none', '100 %', '98.1–100'])
  })

  it('names what was run, the diagnosis of each cause, the server and what was spent', () => {
    const text = consoleTable(fixtureReport(), { width: 200, color: false })
    expect(text).toMatch(
      /^Registration race: 200 trials per remedy and step, seed 42, simulated clock, embedded Nextcloud \(oidc-2\.0\.9\), lag 2 s, 9\.4 s\n/,
    )
    const spread = consoleTable({ ...fixtureReport(), lag: 'uniform:500ms:4s' }, { width: 200, color: false })
    expect(spread).toContain('lag uniform:500ms:4s (median 2 s), 9.4 s')
    for (const { sentence } of fixtureReport().diagnoses) expect(text).toContain(`  ${sentence}\n`)
    expect(text).toMatch(/^the server\n.*\n {2}replica-lag +15\.0 % {2}5\.2–36 +1 +0\.5 +400 invalid_grant/m)
    expect(text).toMatch(/spent: 12345 requests, 2400 registrations, 0 clients left\n$/)
  })

  it.each([50, 60, 80, 100, 160])('is at most %i columns wide', (width) => {
    const lines = consoleTable(fixtureReport(), { width, color: true }).split('\n')
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width)
  })

  it('keeps each remedy in one line on 80 columns', () => {
    expect(linesOf('replica-lag', 80)).toContain(
      'client-read-probe      0 % 0–1.9     2.07 s 2.15 s 2.22 s     24.4       1',
    )
  })

  it('colours what fails and what does not, when it may', () => {
    const colored = consoleTable(fixtureReport(), { width: 140, color: true })
    expect(colored).toMatch(/token +\u001b\[31m0 %\u001b\[39m/)
    expect(colored).toMatch(/client-read-probe +\u001b\[32m0 %\u001b\[39m/)
    expect(colored).toContain('\u001b[1mreplica-lag\u001b[22m')
  })

  it('lets no text of a target reach the terminal as a command, nor split a row', () => {
    const plain = consoleTable(fixtureReport(), { width: 140, color: false })
    expect(plain.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(linesOf('token-lag').join('\n')).toMatch(
      /^userinfo +0 % +1\.5 s +400 invalid_request “line one line two �\[31mred/m,
    )
    expect(plain).toContain(HOSTILE.sentence)
  })

  it('shows a report in which little was measured', () => {
    const report = fixtureReport(['none'])
    const { server: _server, ...rest } = report
    const empty = { ...rest, steps: [], remedies: [], timelines: [], diagnoses: [] }
    expect(consoleTable(empty, { width: 80, color: false })).toMatch(/^Registration race[^]*left\n$/)
  })
})
