import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { shardOf } from '../../src/engine/plan.js'
import { comparisonSchema } from '../../src/report/compare.js'
import { countVerdicts, reportSchema, type RunReport } from '../../src/report/model.js'
import { writeReports } from '../../src/report/write.js'
import { fixtureReport, PNG, result, SCREENSHOTS } from '../report/fixture-report.js'
import { cli } from './support.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-reports-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

/** Writes a report folder as `run` does. */
async function save(name: string, changes: Partial<RunReport> = {}): Promise<void> {
  const report = { ...fixtureReport(), ...changes }
  const whole = { ...report, summary: countVerdicts(report.results) }
  await mkdir(join(cwd, name), { recursive: true })
  await writeReports(join(cwd, name), { ...whole, exitCode: exitCodeOf(whole) }, SCREENSHOTS)
}

function shard(index: number, total: number, results = fixtureReport().results): Partial<RunReport> {
  return {
    shard: { index, total, plannedCells: results.length },
    results: [...shardOf(results, { index, total })],
    staleDeviations: [],
  }
}

async function readMerged(name: string): Promise<RunReport> {
  return reportSchema.parse(JSON.parse(await readFile(join(cwd, name, 'report.json'), 'utf8')))
}

const PASSED = ['a', 'b', 'c'].map((check) => result({ check, verdict: 'passed' }))

describe('compare', () => {
  it('ends with 0 without a regression and with 1 with one', async () => {
    await save('a')
    await save('b', {
      results: fixtureReport().results.map((cell) => ({ ...cell, verdict: 'passed' as const })),
    })
    const better = await cli(['compare', 'a', 'b/report.json'], { cwd })
    expect(better).toMatchObject({ code: 0, err: '' })
    expect(better.out).toContain('✓ improvement  rs.token.audience')
    expect(better.out).toMatch(/\nno regression: 6 improvements, 3 equal\n$/)
    const worse = await cli(['compare', 'b', 'a'], { cwd })
    expect(worse.code).toBe(1)
    expect(worse.out).toMatch(/\n6 regressions, 3 equal\n$/)
  })

  it('ends with 1 for every difference when asked to', async () => {
    await save('a')
    await save('better', {
      results: fixtureReport().results.map((cell) => ({ ...cell, verdict: 'passed' as const })),
    })
    await save('more', { results: [...fixtureReport().results, ...PASSED] })
    const codes = async (...argv: string[]) => {
      const pairs = [
        ['a', 'a'],
        ['a', 'better'],
        ['a', 'more'],
        ['more', 'a'],
      ]
      return Promise.all(pairs.map(async (pair) => (await cli(['compare', ...pair, ...argv], { cwd })).code))
    }
    expect(await codes()).toEqual([0, 0, 0, 0])
    expect(await codes('--fail-on', 'regression')).toEqual([0, 0, 0, 0])
    expect(await codes('--fail-on', 'any')).toEqual([0, 1, 1, 1])
    expect((await cli(['compare', 'a', 'a', '--fail-on', 'all'], { cwd })).err).toMatch(
      /--fail-on cannot be "all"/,
    )
  })

  it('prints JSON of all cells, Markdown, and the same cells on demand', async () => {
    await save('a')
    const json = await cli(['compare', 'a', 'a', '--json'], { cwd })
    expect(json.code).toBe(0)
    expect(comparisonSchema.parse(JSON.parse(json.out)).cells).toHaveLength(9)
    expect((await cli(['compare', 'a', 'a'], { cwd })).out).not.toContain('= equal')
    expect((await cli(['compare', 'a', 'a', '--all'], { cwd })).out.match(/^= equal/gm)).toHaveLength(9)
    expect((await cli(['compare', 'a', 'a', '--markdown'], { cwd })).out).toMatch(
      /^# Comparison of two runs\n/,
    )
  })

  it('has colours on a terminal only, and not against NO_COLOR', async () => {
    await save('a')
    const out = async (env: NodeJS.ProcessEnv, terminal: boolean): Promise<string> =>
      (await cli(['compare', 'a', 'a', '--all'], { cwd, env, terminal })).out
    expect(await out({ TERM: 'xterm' }, true)).toContain('\u001b[')
    expect(await out({ TERM: 'xterm', NO_COLOR: '1' }, true)).not.toContain('\u001b[')
    expect(await out({ TERM: 'xterm' }, false)).not.toContain('\u001b[')
  })

  it.each([
    [['compare', 'a'], /compare needs <A> <B> .*was given 1/],
    [['compare', 'a', 'a', 'a'], /compare needs <A> <B> .*was given 3/],
    [['compare', 'a', 'b'], /b is not there; .*\[NCMC_REPORT\]/],
    [['compare', 'a', 'a', '--json', '--markdown'], /--json and --markdown exclude each other/],
    [['compare', 'a', 'other'], /have no cell in common/],
    [['compare', 'a', 'a', '--al'], /did you mean --all\?/],
  ])('refuses %j with exit code 2', async (argv, message) => {
    await save('a')
    await save('other', { results: PASSED })
    const { code, out, err } = await cli(argv, { cwd })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('merge', () => {
  it('writes one report with everything of the shards, and ends as one run would', async () => {
    await save('1', shard(1, 2))
    await save('2', shard(2, 2))
    const { code, out, err } = await cli(['merge', '1', '2/report.json', '--report-dir', 'merged'], { cwd })
    expect({ code, err }).toEqual({ code: 3, err: '' })
    expect(out).toMatch(/^merged from 2 shards: 9 cells\n/)
    expect(out).toContain('reports: merged/ index.html, report.json, junit.xml, summary.md\n')
    const report = await readMerged('merged')
    const cells = ({ results }: RunReport) =>
      results.map(({ check, mode, verdict }) => `${check} ${mode} ${verdict}`)
    expect(cells(report)).toEqual(cells(fixtureReport()))
    await expect(readdir(join(cwd, 'merged'))).resolves.toEqual([
      'index.html',
      'junit.xml',
      'report.json',
      'shard-1-consent-1.png',
      'shard-1-login-1.png',
      'shard-2-login-1.png',
      'summary.md',
    ])
    expect(await readFile(join(cwd, 'merged', 'shard-2-login-1.png'))).toEqual(PNG)
    const page = await readFile(join(cwd, 'merged', 'index.html'), 'utf8')
    expect(page).toContain('merged from 2 shards')
    expect(page).not.toContain('the picture is missing')
  })

  it('writes the reports that are asked for, and tells GitHub', async () => {
    await save('1', shard(1, 2))
    await save('2', shard(2, 2))
    const argv = ['merge', '1', '2', '--report-dir', 'merged', '--reporter', 'sarif,github']
    const { out } = await cli(argv, { cwd, env: { GITHUB_ACTIONS: 'true' } })
    expect(out).toMatch(/^::stop-commands::(\S+)\nmerged from 2 shards[\s\S]+\n::\1::\n::error title=/)
    const files = await readdir(join(cwd, 'merged'))
    expect(files.filter((name) => !name.endsWith('.png'))).toEqual(['report.json', 'report.sarif'])
  })

  it('says everywhere that a shard is missing, when that is allowed', async () => {
    await save('1', shard(1, 2, PASSED))
    const refused = await cli(['merge', '1', '--report-dir', 'merged'], { cwd })
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/shard 2 of 2 is missing.*\[NCMC_REPORT\]/)
    const { code, out } = await cli(['merge', '1', '--report-dir', 'merged', '--allow-missing'], { cwd })
    expect(code).toBe(0)
    expect(out).toContain('conforms as far as it ran: merged from 1 shard, without shard 2 of 2, 2 cells')
    for (const file of ['index.html', 'summary.md'])
      expect(await readFile(join(cwd, 'merged', file), 'utf8')).toContain('without shard 2 of 2')
    expect((await readMerged('merged')).merged).toEqual({ total: 2, missing: [2] })
  })

  it('says when pictures are not beside their report, and reads no other file', async () => {
    await save('1', shard(1, 1))
    await mkdir(join(cwd, 'bare'))
    await copyFile(join(cwd, '1', 'report.json'), join(cwd, 'bare', 'report.json'))
    const { err } = await cli(['merge', 'bare', '--report-dir', 'merged'], { cwd })
    expect(err).toBe(
      '2 pictures of 2 could not be read beside the reports: name whole report folders to have them\n',
    )
    await writeFile(join(cwd, 'secret.png'), 'secret')
    const text = await readFile(join(cwd, 'bare', 'report.json'), 'utf8')
    await writeFile(join(cwd, 'bare', 'report.json'), text.replace('"login-1.png"', '"../secret.png"'))
    await cli(['merge', 'bare', '--report-dir', 'merged'], { cwd })
    expect((await readdir(join(cwd, 'merged'))).filter((name) => name.endsWith('.png'))).toEqual([])
    expect(await readFile(join(cwd, 'merged', 'index.html'), 'utf8')).not.toContain(
      Buffer.from('secret').toString('base64'),
    )
  })

  it("makes Playwright's own report of the shards' parts, and of nothing less than all of them", async () => {
    await save('1', shard(1, 2))
    await save('2', shard(2, 2))
    const seen: (readonly [readonly string[], string])[] = []
    const merge = (failure?: Error) =>
      cli(['merge', '1', '2', '--report-dir', 'merged'], {
        cwd,
        services: {
          mergePlaywrightReports(blobs, folder) {
            seen.push([blobs, folder])
            return failure === undefined ? Promise.resolve() : Promise.reject(failure)
          },
        },
      })
    await writeFile(join(cwd, '1', 'playwright-blob.zip'), 'a part')
    const partial = await merge()
    expect(partial.err).toContain(
      "Playwright's own report is left out: playwright-blob.zip is not beside every report",
    )
    expect(seen).toEqual([])
    await writeFile(join(cwd, '2', 'playwright-blob.zip'), 'a part')
    expect((await merge()).out).toContain('summary.md, playwright/\n')
    expect(seen).toEqual([
      [['1', '2'].map((name) => join(cwd, name, 'playwright-blob.zip')), join(cwd, 'merged', 'playwright')],
    ])
    const failed = await merge(new Error('no zip archive\nat merge'))
    expect(failed).toMatchObject({ code: 3, err: "Playwright's own report is left out: no zip archive\n" })
    expect(failed.out).not.toContain('playwright/')
  })

  it('does not write over a report that it reads', async () => {
    await save('nc-mcp-conformance-report', shard(1, 1))
    const before = await readFile(join(cwd, 'nc-mcp-conformance-report', 'report.json'), 'utf8')
    const { code, err } = await cli(['merge', 'nc-mcp-conformance-report'], { cwd })
    expect(code).toBe(2)
    expect(err).toMatch(/--report-dir: .* would be replaced; name another folder \[NCMC_REPORT_DIR\]/)
    await expect(readFile(join(cwd, 'nc-mcp-conformance-report', 'report.json'), 'utf8')).resolves.toBe(
      before,
    )
  })

  it('refuses a command line without reports', async () => {
    const { code, err } = await cli(['merge'], { cwd })
    expect(code).toBe(2)
    expect(err).toMatch(/merge needs <report…>/)
  })
})
