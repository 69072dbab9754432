import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reportSchema, type RunReport } from '../../src/report/model.js'
import { textsBelow } from './support/files.js'
import { runCli, withFolder, type CliRun } from './support/cli.js'

const TIMEOUT_MS = 120_000

/** Cells of both modes and of Nextcloud, a known deviation among them; under the mutant two of them are red. */
const SELECTION = [
  ...['--user-agent', 'http', '--mutant', 's-aud-unchecked'],
  ...['--check', 'discovery.issuer-match,discovery.pkce-s256,tokens.userinfo.invalid-token'],
  ...['--check', 'rs.token.other-audience,tokens.verify.no-fallback-bypass,rs.challenge.401'],
  ...['--check', 'tools.error.unknown-tool'],
]

const run = (folder: string, ...more: string[]): Promise<CliRun> =>
  runCli(['run', ...SELECTION, '--report-dir', folder, ...more])

async function readReport(folder: string): Promise<RunReport> {
  return reportSchema.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')))
}

describe('two shards on two processes', () => {
  test(
    'are, merged, one whole run, verdict by verdict and finding by finding',
    () =>
      withFolder(async (folder) => {
        const [one = '', two = '', whole = '', merged = ''] = ['1', '2', 'whole', 'merged'].map((name) =>
          join(folder, name),
        )
        const shards = await Promise.all([run(one, '--shard', '1/2'), run(two, '--shard', '2/2')])
        const wholeRun = await run(whole)
        const merging = await runCli(['merge', two, one, '--report-dir', merged])
        expect(merging.stderr).toBe('')
        const playwright = [...(await textsBelow(join(merged, 'playwright')))]
          .map(([, text]) => text)
          .join('\n')
        const [a, b, all, both] = await Promise.all([one, two, whole, merged].map(readReport))
        const cells = ({ results }: RunReport) =>
          results.map(({ check, mode, verdict, findings }) => ({
            cell: `${check} [${mode}]`,
            verdict,
            findings: findings.map(({ id }) => id),
          }))
        expect(cells(both!)).toEqual(cells(all!))
        expect(both!.summary).toEqual(all!.summary)
        expect(both!.summary).toMatchObject({ failed: 2, 'known-deviation': 1, error: 0 })
        expect(Math.abs(a!.results.length - b!.results.length)).toBeLessThanOrEqual(1)
        expect(a!.results.length + b!.results.length).toBe(all!.results.length)
        for (const { check, mode } of all!.results) expect(playwright).toContain(`${check} [${mode}]`)
        expect([wholeRun.code, merging.code]).toEqual([1, 1])
        expect(Math.max(...shards.map(({ code }) => code ?? 9))).toBe(1)

        const same = await runCli(['compare', whole, merged])
        expect(same.code).toBe(0)
        expect(same.stdout).toContain(`no regression: ${all!.results.length} equal`)
      }),
    TIMEOUT_MS,
  )

  test(
    'of which one is empty end with 0 and say so',
    () =>
      withFolder(async (folder) => {
        const { code, stdout } = await runCli([
          ...['run', '--user-agent', 'http', '--check', 'discovery.issuer-match'],
          ...['--shard', '2/2', '--report-dir', folder],
        ])
        expect(code).toBe(0)
        expect(stdout).toContain('nothing ran: shard 2 of 2 is empty')
        expect(await readReport(folder)).toMatchObject({
          results: [],
          shard: { index: 2, total: 2, plannedCells: 1 },
        })
        expect(await readFile(join(folder, 'index.html'), 'utf8')).toContain(
          'Nothing ran: shard 2 of 2 is empty',
        )
      }),
    TIMEOUT_MS,
  )
})
