import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.js'
import type { RunReport } from '../../src/report/model.js'
import { describeOnEngine, IMAGE, inventory, newSince, NOTHING, type Inventory } from './support/engine.js'
import { whoAmI } from './support/requests.js'

const COMMAND = packageFile('dist/src/cli/bin.js')

/** Without what only our tests know: the command refuses NCMC_ names that it does not know. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NCMC_')))
}

/** The command as a user starts it, in a process of its own. */
function start(args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...userEnvironment(), TESTCONTAINERS_RYUK_DISABLED: 'true' },
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return { child, ended: once(child, 'close'), err: () => err }
}

describeOnEngine('the command line with a container', () => {
  let before: Inventory
  let folder: string
  beforeEach(async () => {
    before = await inventory()
    folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
    expect(await newSince(before)).toEqual(NOTHING)
  })

  it('`nextcloud --container` keeps one running until Ctrl-C', async () => {
    const { child, ended, err } = start(['nextcloud', '--container', '--nextcloud-image', IMAGE, '--json'])
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      ended.then(() => Promise.reject(new Error(err()))),
    ])) as [string]
    const { url, users } = JSON.parse(line) as { url: string; users: { userId: string; password: string }[] }
    expect(users).toHaveLength(3)
    for (const user of users) expect(await whoAmI(url, user)).toBe(user.userId)
    expect(child.exitCode).toBe(null)
    child.kill('SIGINT')
    expect((await ended)[0]).toBe(0)
  })

  it('`run` judges Nextcloud there, changes only one of its own, and keeps the logs', async () => {
    const args = ['run', '--nextcloud', 'container', '--nextcloud-image', IMAGE, '--suite', 'discovery']
    const { ended, err } = start([...args, '--user-agent', 'http', '--report-dir', folder])
    expect([(await ended)[0], err()]).toEqual([0, ''])
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as RunReport
    expect(report.results.map(({ check, verdict }) => [check, verdict])).toContainEqual([
      'discovery.registration-endpoint.enabled',
      'passed',
    ])
    expect(report.results.map(({ verdict }) => verdict)).not.toContain('not-testable')
    expect(report.exitCode).toBe(0)
    expect(report.nextcloud.kind).toBe('container')
    expect(report.logs?.find(({ source }) => source === 'nextcloud')?.lines.join('\n')).toContain('Nextcloud')
  })
})
