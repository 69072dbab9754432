import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { raceReportSchema, type RaceReport } from '../../src/race/model.js'
import { cli, type CliRun } from '../cli/support.js'
import { numbersOf } from './laboratory-support.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const race = (args: string, env: NodeJS.ProcessEnv = {}): Promise<CliRun> =>
  cli(['race', ...args.split(' ').filter((arg) => arg !== '')], { cwd, env })

const written = async (): Promise<RaceReport> =>
  raceReportSchema.parse(JSON.parse(await readFile(join(cwd, 'nc-mcp-conformance-report/race.json'), 'utf8')))

describe('race', () => {
  it('measures the usual causes, prints what it found and writes files that only the user can read', async () => {
    const { code, out, err } = await race('--trials 3')
    expect(code, err).toBe(0)
    for (const cause of ['none', 'client-lag', 'replica-lag']) expect(out).toContain(cause)
    const report = await written()
    expect(report).toMatchObject({
      seed: 1,
      trials: 3,
      concurrency: 1,
      clock: 'simulated',
      lagMs: 2_000,
      lag: '2s',
    })
    expect(report.nextcloud).toEqual({ kind: 'embedded', profile: 'oidc-2.0.9' })
    expect(new Set(report.remedies.map(({ remedy }) => remedy)).size).toBe(7)
    for (const name of ['race.json', 'race.html', 'race.svg']) {
      const { mode } = await stat(join(cwd, 'nc-mcp-conformance-report', name))
      expect(mode & 0o777, name).toBe(0o600)
    }
  })

  it('gives the same numbers for the same seed', async () => {
    const args = '--cause client-lag --lag uniform:0:4s --trials 5 --seed 7'
    await race(args)
    const first = await written()
    await race(args)
    expect(numbersOf(await written())).toBe(numbersOf(first))
  })

  it('prints the report as JSON alone with --json, and nothing with --quiet', async () => {
    const { out } = await race('--trials 1 --cause none --json')
    expect(raceReportSchema.parse(JSON.parse(out))).toMatchObject({ trials: 1 })
    expect(await race('--trials 1 --cause none --quiet')).toMatchObject({ code: 0, out: '', err: '' })
  })

  it('takes several causes and remedies, in one flag or many', async () => {
    await race(
      '--cause code-lag,token-lag --remedy none --remedy client-read-probe+retry-first-use --trials 2',
    )
    const { remedies, causes } = await written().then((report) => ({
      remedies: [...new Set(report.remedies.map(({ remedy }) => remedy))],
      causes: [...new Set(report.remedies.map(({ cause }) => cause))],
    }))
    expect(causes).toEqual(['code-lag', 'token-lag'])
    expect(remedies).toEqual(['none', 'client-read-probe+retry-first-use'])
  })

  it('takes a range of delays', async () => {
    await race('--cause none --delay 1..2s --trials 22 --remedy none')
    const { steps } = await written()
    expect(steps[0]?.points.map(({ delayMs }) => delayMs)).toEqual([
      1_000, 1_100, 1_200, 1_300, 1_400, 1_500, 1_600, 1_700, 1_800, 1_900, 2_000,
    ])
  })

  it('measures a Nextcloud that runs as it is, and leaves nothing there', async () => {
    await using nextcloud = await startEmbeddedNextcloud()
    const { code, err } = await race(
      `--nextcloud ${nextcloud.baseUrl} --trials 1 --delay 0 --remedy none --budget 2`,
      { NCMC_ALICE_PASSWORD: nextcloud.users.alice.password },
    )
    expect(code, err).toBe(0)
    const report = await written()
    expect(report).toMatchObject({
      clock: 'real',
      nextcloud: { kind: 'attached', url: nextcloud.baseUrl },
      spent: { registrations: 2, clientsLeft: 0 },
    })
    expect([...nextcloud.context.store.clients.values()]).toEqual([])
    expect(JSON.stringify(report)).not.toContain(nextcloud.users.alice.password)
  })

  it('tells of clients that it leaves', async () => {
    await using nextcloud = await startEmbeddedNextcloud()
    const { err } = await race(
      `--nextcloud ${nextcloud.baseUrl} --trials 1 --delay 0 --remedy none --keep-clients`,
      { NCMC_ALICE_PASSWORD: nextcloud.users.alice.password },
    )
    expect(err).toContain('clients that are left on the Nextcloud: 2')
    expect(nextcloud.context.store.clients.size).toBe(2)
  })

  it('has a help text with examples that parse', async () => {
    const { code, out } = await race('--help')
    expect(code).toBe(0)
    for (const flag of ['--cause', '--remedy', '--lag', '--delay', '--trials', '--seed', '--budget']) {
      expect(out).toContain(flag)
    }
    expect(out).toContain('nc-mcp-conformance race --seed 1 --trials 1000 --cause all')
  })

  it.each([
    ['--trials 0', '--trials must be at least 1, not "0"'],
    ['--trials many', '--trials must be a whole number, not "many"'],
    ['--trials 3 --trials 4', '--trials was given 2 times'],
    ['--seed -1', '--seed must be at least 0'],
    ['--concurrency 1000', '--concurrency must be at most 100'],
    ['--cause client-lags', 'did you mean client-lag?'],
    ['--remedy discovery', 'did you mean discovery-poll?'],
    ['--remedy ./no-such.mjs', '--remedy: the module "./no-such.mjs" cannot be loaded'],
    ['--lag 2', '--lag must be a duration with its unit'],
    ['--lag uniform:4s:1s', '--lag must be a duration with its unit'],
    ['--lag log-normal:1s:9', '--lag must be a duration with its unit'],
    ['--lag 20min', 'at most 10min'],
    ['--delay 5s..1s', '--delay must be a range of durations, the shorter first'],
    ['--delay 1..2..3s', '--delay must be a range of durations'],
    ['--delay soon', '--delay must be a range of durations'],
    ['--budget 10', '--budget is for a Nextcloud that runs'],
    ['--keep-clients', '--keep-clients is for a Nextcloud that runs'],
    ['--nextcloud http://127.0.0.1:9', 'NCMC_ALICE_PASSWORD is not set'],
    [
      '--nextcloud http://127.0.0.1:9 --cause replica-lag',
      '--cause can only be set on the embedded Nextcloud',
    ],
    ['--nextcloud http://127.0.0.1:9 --concurrency 11', '--concurrency must be at most 10'],
    ['--nextcloud http://127.0.0.1:9 --budget 7', '--budget must be at least 8, not 7'],
    ['--replica', 'there is no flag'],
    ['--nextcloud http://127.0.0.1:9 --server reference', 'leave out --nextcloud'],
    ['--server references', 'did you mean reference?'],
  ])('refuses %s', async (args, reason) => {
    const { code, out, err } = await race(args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(reason)
  })

  it('ends with 3 when the Nextcloud does not answer', async () => {
    const { code, err } = await race('--nextcloud http://127.0.0.1:9', { NCMC_ALICE_PASSWORD: 'secret-word' })
    expect(code).toBe(3)
    expect(err).toContain('NCMC_NEXTCLOUD_UNREACHABLE')
    expect(err).not.toContain('secret-word')
  })
})
