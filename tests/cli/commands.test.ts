import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diagnose } from '../../src/cli/diagnosis.js'
import type { MintForCliInput } from '../../src/cli/mint.js'
import type { Services } from '../../src/cli/services.js'
import type { RunSettings } from '../../src/engine/prepare.js'
import type { SelfTestReport } from '../../src/engine/self-test.js'
import { HarnessError } from '../../src/errors.js'
import { fixtureReport, SCREENSHOTS } from '../report/fixture-report.js'
import { cli } from './support.js'

const USERS = {
  alice: { userId: 'alice', password: 'pw-of-alice', displayName: 'Alice', email: '' },
  bob: { userId: 'bob', password: 'pw-of-bob', displayName: 'Bob', email: '' },
}
const ENGINE: Pick<Services, 'findEngine'> = {
  findEngine: () => Promise.resolve({ version: '27.1', operatingSystem: 'Debian' }),
}
const BROWSER: Pick<Services, 'resolveBrowser'> = {
  resolveBrowser: () => Promise.resolve({ executablePath: '/opt/chromium', source: 'installed', args: [] }),
}

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-cli-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

describe('run', () => {
  const running = (exitCode: number, seen: RunSettings[] = []): Partial<Services> => ({
    ...BROWSER,
    runConformance(settings, { ui }) {
      seen.push(settings)
      const report = { ...fixtureReport(), exitCode }
      ui.planned(report.results)
      ui.stage('running')
      for (const result of report.results) ui.result(result)
      return Promise.resolve({ report, screenshots: SCREENSHOTS })
    },
  })

  it.each([0, 1, 3])('ends with the exit code %i of its report and leaves the reports', async (exitCode) => {
    const { code, out } = await cli(['--report-dir', 'out'], { cwd, services: running(exitCode) })
    expect(code).toBe(exitCode)
    await expect(readdir(join(cwd, 'out'))).resolves.toContain('index.html')
    expect(out).toContain('reports: out/ index.html, report.json, junit.xml, summary.md, playwright/')
  })

  it('hands its options to the engine', async () => {
    const seen: RunSettings[] = []
    await cli(['run', '--suite', 'discovery,tokens', '--user-agent', 'http', '--mode', 'oauth'], {
      cwd,
      services: running(0, seen),
    })
    expect(seen[0]).toMatchObject({
      suites: ['discovery', 'tokens'],
      userAgent: 'http',
      targets: { oauth: { kind: 'reference' } },
    })
  })

  it('names what is not green, the known deviations, the slowest checks and the counts, as plain lines', async () => {
    const { out } = await cli([], { cwd, services: running(1) })
    expect(out).toContain('✗ failed rs.token.audience [oauth]\n    a token for another resource was accepted')
    expect(out).toContain(
      'no fault of the server:\n  ≈ known deviation tokens.userinfo.invalid-token [nextcloud]',
    )
    expect(out).toMatch(/slowest checks:\n\s+912 ms {2}rs.token.audience \[oauth\]/)
    expect(out).toContain(
      '✓ 3 passed  – 1 not applicable  ≈ 1 known deviation  ! 1 warning  ? 1 not testable  ✗ 1 failed  ‼ 1 error',
    )
    expect(out).toContain('tools: 2 done, as expected')
    expect(out).toContain('stale: tokens.jwt.profile')
    expect(out).not.toContain('\u001b')
  })

  it('draws one line per suite on a terminal, never wider than it', async () => {
    const { out } = await cli([], { cwd, services: running(1), terminal: true, env: { TERM: 'xterm' } })
    const plain = out.replaceAll(/\u001b\[[\d;]*[A-Za-z]/g, '')
    expect(out).toContain('\u001b[6A')
    expect(plain).toMatch(/ {2}tools +━{20} +2\/2 {2}✓ 2\n/)
    const drawn = plain.split('\n').filter((line) => line.includes('━'))
    expect(Math.max(...drawn.map(({ length }) => length))).toBeLessThanOrEqual(80)
  })

  it('prints nothing with --quiet when it conforms', async () => {
    await expect(cli(['--quiet'], { cwd, services: running(0) })).resolves.toEqual({
      code: 0,
      out: '',
      err: '',
    })
    expect((await cli(['--quiet'], { cwd, services: running(1) })).out).toContain('does not conform')
  })

  it('writes the reports that are asked for, and always report.json', async () => {
    const files = async (...argv: string[]) => {
      const folder = `report-${argv.length}`
      await cli(['--report-dir', folder, ...argv], { cwd, services: running(0) })
      return (await readdir(join(cwd, folder))).filter((name) => !name.endsWith('.png'))
    }
    expect(await files()).toEqual(['index.html', 'junit.xml', 'report.json', 'summary.md'])
    expect(await files('--reporter', 'sarif,badge', '--reporter=gitlab')).toEqual([
      'badge.json',
      'gl-code-quality-report.json',
      'report.json',
      'report.sarif',
    ])
    expect(await files('--reporter', 'github')).toEqual(['report.json'])
  })

  it('ties findings to the configuration file, seen from the repository', async () => {
    await writeFile(join(cwd, 'own.config.json'), '{ "reporter": "sarif" }')
    const env = { GITHUB_WORKSPACE: dirname(cwd), NCMC_CONFIG: 'own.config.json' }
    await cli(['--report-dir', 'out'], { cwd, env, services: running(0) })
    const sarif = await readFile(join(cwd, 'out', 'report.sarif'), 'utf8')
    expect(sarif).toContain(`"uri": "${basename(cwd)}/own.config.json"`)
  })

  it('annotates and summarizes in GitHub Actions, where a text of a target is no command', async () => {
    const summary = join(cwd, 'summary')
    await writeFile(summary, 'before\n')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
    const { code, out } = await cli([], { cwd, env, services: running(1) })
    expect(code).toBe(1)
    const [, token] = /^::stop-commands::([\w-]{36})\n/.exec(out) ?? []
    const [before = '', after = ''] = out.split(`\n::${token ?? ''}::\n`)
    expect(before.split('\n').filter((line) => line.startsWith('::'))).toHaveLength(1)
    expect(before).toContain('does not conform')
    const commands = after.trimEnd().split('\n')
    expect(commands).toHaveLength(5)
    for (const line of commands) expect(line).toMatch(/^::(error|warning) title=/)
    expect(await readFile(summary, 'utf8')).toMatch(/^before\n# MCP conformance\n/)
    const chosen = await cli(['--reporter', 'junit'], { cwd, env, services: running(1) })
    expect(chosen.out).not.toContain('::error')
    const lost = { ...env, GITHUB_STEP_SUMMARY: cwd }
    expect(await cli([], { cwd, env: lost, services: running(1) })).toMatchObject({
      code: 1,
      err: expect.stringContaining('the step summary could not be written'),
    })
  })

  it('lets commands through again when a run fails', async () => {
    const failing = {
      ...BROWSER,
      runConformance: () => Promise.reject(new HarnessError('NCMC_NOTHING_RAN', 'x')),
    }
    const { out } = await cli([], { cwd, env: { GITHUB_ACTIONS: 'true' }, services: failing })
    expect(out).toMatch(/^::stop-commands::(\S+)\n::\1::\n$/)
  })

  it('does not look for a browser when it needs none', async () => {
    const noBrowser = { ...running(0), resolveBrowser: () => Promise.reject(new Error('looked')) }
    expect((await cli(['--mode', 'basic'], { cwd, services: noBrowser })).code).toBe(0)
    expect((await cli(['--user-agent', 'http'], { cwd, services: noBrowser })).code).toBe(0)
    expect((await cli([], { cwd, services: noBrowser })).code).toBe(3)
  })

  it('says only that it was interrupted after Ctrl-C', async () => {
    const controller = new AbortController()
    const { code, err } = await cli([], {
      cwd,
      signal: controller.signal,
      services: {
        ...BROWSER,
        runConformance: (_settings, { signal }) => {
          controller.abort(new Error('stopped by SIGINT'))
          signal?.throwIfAborted()
          return Promise.reject(new Error('went on'))
        },
      },
    })
    expect({ code, err }).toEqual({ code: 3, err: 'interrupted; everything that was started is stopped\n' })
  })
})

describe('errors', () => {
  const failing = (error: Error, env: NodeJS.ProcessEnv = {}) =>
    cli([], { cwd, env, services: { ...BROWSER, runConformance: () => Promise.reject(error) } })

  it('are one line with the code, and one per cause, without control characters', async () => {
    const socket = new Error('connect\nECONNREFUSED\u001b[2J', { cause: new Error('no route') })
    const { code, err } = await failing(
      new HarnessError('NCMC_SERVER_START', 'the MCP server did not start', {
        cause: socket,
        details: { log: ['listening…', 'crash'] },
      }),
    )
    expect(code).toBe(3)
    expect(err).toBe(
      'error: the MCP server did not start [NCMC_SERVER_START]\n' +
        '  because: connect ECONNREFUSED\ufffd[2J\n  because: no route\n  | listening…\n  | crash\n',
    )
  })

  it('never hold a secret of the environment or a token', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
    const { err } = await failing(
      new HarnessError('NCMC_SERVER_START', 'failed', {
        details: { log: ['login with correct-horse', `Bearer ${token}`] },
      }),
      { NCMC_ALICE_PASSWORD: 'correct-horse' },
    )
    expect(err).not.toContain('correct-horse')
    expect(err).not.toContain(token)
  })

  it('show a stack only when asked, and call a fault of ours a fault of ours', async () => {
    const plain = await failing(new TypeError('x is not a function'))
    expect(plain.err).toMatch(/\[NCMC_INTERNAL\]\n.*NCMC_DEBUG=1 shows where\n$/)
    expect((await failing(new TypeError('x'), { NCMC_DEBUG: '1' })).err).toContain('commands.test.ts')
  })
})

describe('token', () => {
  const args = ['token', '--nextcloud', 'http://localhost:8080/', '--user', 'bob', '--format', 'jwt']
  const env = { NCMC_BOB_PASSWORD: 'pw-of-bob' }
  const minting = (seen: MintForCliInput[] = []): Partial<Services> => ({
    mintForCli: (input) => {
      seen.push(input)
      input.onProgress('logging in')
      return Promise.resolve({ access_token: 'the-token', token_type: 'bearer', expires_in: 900 } as never)
    },
  })

  it('prints the access token alone, so that a shell can take it', async () => {
    const seen: MintForCliInput[] = []
    const { code, out, err } = await cli([...args, '--resource', 'http://localhost/mcp'], {
      env,
      services: minting(seen),
    })
    expect({ code, out, err }).toEqual({ code: 0, out: 'the-token\n', err: 'logging in\n' })
    expect(seen[0]).toMatchObject({
      issuer: 'http://localhost:8080',
      format: 'jwt',
      resource: 'http://localhost/mcp',
      login: { userAgent: 'browser', userId: 'bob', password: 'pw-of-bob' },
    })
  })

  it('prints the whole answer with --json', async () => {
    const { out } = await cli([...args, '--json'], { env, services: minting() })
    expect(JSON.parse(out)).toEqual({ access_token: 'the-token', token_type: 'bearer', expires_in: 900 })
  })

  it('needs no password when a person logs in at a terminal', async () => {
    const seen: MintForCliInput[] = []
    const { code } = await cli([...args, '--interactive'], { terminal: true, services: minting(seen) })
    expect(code).toBe(0)
    expect(seen[0]).not.toHaveProperty('login')
  })
})

describe('nextcloud prune', () => {
  const report = { containers: 2, networks: 1, volumes: 0, images: 3, inUse: 1 }
  const services: Partial<Services> = { pruneContainers: () => Promise.resolve(report) }
  it('says what it removed and what it left alone', async () => {
    const { code, out } = await cli(['nextcloud', 'prune'], { services })
    expect(code).toBe(0)
    expect(out).toBe(
      'removed: 2 containers, 1 networks, 0 volumes, 3 snapshots\nleft alone: 1 containers of processes that still run\n',
    )
    expect(JSON.parse((await cli(['nextcloud', 'prune', '--json'], { services })).out)).toEqual(report)
  })
  it('is the only action', async () => {
    const { code, err } = await cli(['nextcloud', 'prnue'], { services })
    expect(code).toBe(2)
    expect(err).toContain('prune')
    expect((await cli(['nextcloud', 'prune', 'more'], { services })).code).toBe(2)
    expect((await cli(['doctor', 'prune'], { services })).code).toBe(2)
  })
})

describe('nextcloud', () => {
  it('prints how to use it, stays until Ctrl-C, and is stopped then', async () => {
    const controller = new AbortController()
    let stopped = 0
    const { code, out } = await cli(
      ['nextcloud', '--port', '8080', '--no-consent', '--mutant', 'n-code-replay'],
      {
        signal: controller.signal,
        onOut: (text) => {
          if (text.includes('Ctrl-C')) controller.abort()
        },
        services: {
          startEmbeddedNextcloud: (options) => {
            expect(options).toEqual({ port: 8080, mutants: ['n-code-replay'], consent: false })
            return Promise.resolve({
              baseUrl: 'http://127.0.0.1:8080',
              users: USERS,
              stop: () => {
                stopped += 1
                return Promise.resolve()
              },
            })
          },
        },
      },
    )
    expect({ code, stopped }).toEqual({ code: 0, stopped: 1 })
    expect(out).toContain('Nextcloud: http://127.0.0.1:8080\nuser: alice\npassword: pw-of-alice\n')
    expect(out.match(/pw-of-/g)).toHaveLength(2)
  })

  it('prints one line of JSON for scripts, and takes passwords of the environment', async () => {
    const controller = new AbortController()
    const { out } = await cli(['nextcloud', '--json'], {
      signal: controller.signal,
      env: { NCMC_ALICE_PASSWORD: 'a'.repeat(12), NCMC_BOB_PASSWORD: 'b'.repeat(12) },
      onOut: () => controller.abort(),
      services: {
        startEmbeddedNextcloud: ({ users = [] }) =>
          Promise.resolve({
            baseUrl: 'http://127.0.0.1:1',
            users: { alice: users[0]!, bob: users[1]! },
            stop: () => Promise.resolve(),
          }),
      },
    })
    expect(JSON.parse(out)).toEqual({
      url: 'http://127.0.0.1:1',
      users: [
        { userId: 'alice', password: 'a'.repeat(12) },
        { userId: 'bob', password: 'b'.repeat(12) },
      ],
    })
  })

  it('refuses a taken port with exit code 3', async () => {
    const taken = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' })
    const { code, err } = await cli(['nextcloud', '--port', '8080'], {
      services: { startEmbeddedNextcloud: () => Promise.reject(taken) },
    })
    expect(code).toBe(3)
    expect(err).toMatch(/--port 8080 is taken.*\[NCMC_PORT_IN_USE\]/)
  })
})

describe('serve', () => {
  it('runs the reference server with environment, port and mutants, and ends with its exit code', async () => {
    const { code, out } = await cli(
      ['serve', '--mode', 'basic', '--port', '8000', '--mutant', 's-store-0644'],
      {
        env: { NEXTCLOUD_HOST: 'http://localhost' },
        services: {
          runReferenceServerProcess: (mode, env, options) => {
            expect([mode, env, options.port, options.mutants]).toEqual([
              'basic',
              { NEXTCLOUD_HOST: 'http://localhost' },
              8000,
              ['s-store-0644'],
            ])
            options.writeOut?.('ready http://127.0.0.1:8000/mcp\n')
            return Promise.resolve(1)
          },
        },
      },
    )
    expect({ code, out }).toEqual({ code: 1, out: 'ready http://127.0.0.1:8000/mcp\n' })
  })
})

describe('self-test', () => {
  const mutant = {
    mutant: 's-aud-unchecked' as const,
    check: 'rs.token.audience',
    profile: 'oidc-2.0.9' as const,
    killed: true,
    collateral: [],
    unexpected: [],
    cells: 12,
    durationMs: 320,
  }
  const testing = (report: Partial<SelfTestReport>): Partial<Services> => ({
    runSelfTest: ({ killsOnly = false }, ui) => {
      const whole = { killsOnly, baseline: [], mutants: [mutant], ok: true, durationMs: 900, ...report }
      whole.mutants.forEach((result) => ui.mutant(result))
      return Promise.resolve(whole)
    },
  })

  it.each([
    ['0 when every mutant is killed', {}, 0, '✓ killed      s-aud-unchecked by rs.token.audience'],
    ['1 when one survives', { ok: false, mutants: [{ ...mutant, killed: false }] }, 1, '✗ survived'],
    [
      '1 with unlisted collateral',
      { ok: false, mutants: [{ ...mutant, unexpected: ['a.b [oauth]: failed, why'] }] },
      1,
      'not listed: a.b [oauth]: failed, why',
    ],
    ['3 when nothing ran', { ok: false, mutants: [] }, 3, '0 of 0 mutants killed'],
  ])('ends with %s', async (_what, report, exitCode, text) => {
    const { code, out } = await cli(['self-test'], { services: testing(report) })
    expect(code).toBe(exitCode)
    expect(out).toContain(text)
  })

  it('claims nothing of what it did not look at', async () => {
    const kills = await cli(['self-test', '--kills-only'], { services: testing({}) })
    expect(kills.out).toContain('1 of 1 mutants killed, not looked at what else they break, in 900 ms')
    expect(kills.out).not.toContain('0 with unlisted collateral')
    const whole = await cli(['self-test'], { services: testing({}) })
    expect(whole.out).toContain('0 with unlisted collateral, 0 unexpected without a mutant')
    const both = await cli(['self-test', '--kills-only', '--every-cell'], { services: testing({}) })
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('exclude each other')])
  })

  it('prints only JSON on stdout with --json', async () => {
    const { out, err } = await cli(['self-test', '--json'], { services: testing({}) })
    expect(JSON.parse(out)).toMatchObject({ ok: true })
    expect(err).toContain('s-aud-unchecked')
  })
})

describe('doctor', () => {
  it('ends with 0 when a default run can work here', async () => {
    const { code, out } = await cli(['doctor'], { services: { ...BROWSER, ...ENGINE } })
    expect(code).toBe(0)
    expect(out).toContain('✓ ok       browser: /opt/chromium (installed)')
    expect(out).toContain('✓ ok       container engine: 27.1 (Debian)')
  })

  it('names a missing container engine, which a default run can do without', async () => {
    const findEngine = () =>
      Promise.reject(new HarnessError('NCMC_DOCKER_MISSING', 'no container engine answers'))
    const { code, out } = await cli(['doctor'], { services: { ...BROWSER, findEngine } })
    expect(code).toBe(0)
    expect(out).toMatch(/- missing {2}container engine: no container engine answers\n +fix: start Docker/)
  })

  it('ends with 3 and the fix when there is no browser, and tells programs the same', async () => {
    const services = {
      ...ENGINE,
      resolveBrowser: () => Promise.reject(new HarnessError('NCMC_BROWSER_MISSING', 'none')),
    }
    const { code, out } = await cli(['doctor'], { services })
    expect(code).toBe(3)
    expect(out).toMatch(/✗ missing {2}browser: no Chromium found\n +fix: npx playwright install chromium/)
    expect(JSON.parse((await cli(['doctor', '--json'], { services })).out)).toMatchObject({ ok: false })
  })

  it('finds an old Node and a folder that cannot be written', async () => {
    const findings = await diagnose({
      env: {},
      ...BROWSER,
      ...ENGINE,
      nodeVersion: '20.18.3',
      temporaryFolder: join(cwd, 'absent'),
    })
    expect(findings.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual([
      'Node',
      'folder for temporary files',
    ])
  })
})
