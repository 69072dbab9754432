import { mkdir, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { runCli, startCli, withFolder } from './support/cli.js'

const TIMEOUT_MS = 90_000

/** Processes of this machine whose environment or command line carries the marker. */
function processesOf(marker: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,stat,args', 'e'], { encoding: 'utf8', maxBuffer: 64e6 })
  return all.split('\n').filter((line) => line.includes(marker) && !/^\s*\d+\s+Z/.test(line))
}

async function whenGone(marker: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (processesOf(marker).length > 0) {
    if (Date.now() > deadline) throw new Error(`still running:\n${processesOf(marker).join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('an interrupted run', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s leaves no process and no file',
    (signal) =>
      withFolder(async (folder) => {
        const temporary = join(folder, 'tmp')
        await mkdir(temporary)
        const marker = `ncmc-marker-${signal}-${process.pid}`
        const cli = startCli(['run', '--user-agent', 'http', '--report-dir', folder], {
          LIFECYCLE_MARKER: marker,
          TMPDIR: temporary,
        })
        await cli.saw('running')
        cli.child.kill(signal)
        const { code } = await cli.ended
        expect(code).not.toBe(0)
        await whenGone(marker)
        expect(await readdir(temporary)).toEqual([])
      }),
    TIMEOUT_MS,
  )

  test(
    'by kill -9 leaves no process',
    () =>
      withFolder(async (folder) => {
        const marker = `ncmc-marker-kill-${process.pid}`
        const cli = startCli(['run', '--user-agent', 'http', '--report-dir', folder], {
          LIFECYCLE_MARKER: marker,
        })
        await cli.saw('running')
        cli.child.kill('SIGKILL')
        await cli.ended
        await whenGone(marker)
      }),
    TIMEOUT_MS,
  )
})

describe('wrong inputs end with one clear message', () => {
  test.each([
    ['an unknown flag', ['run', '--sute', 'tools'], 2, /--suite/],
    ['an unknown suite', ['run', '--suite', 'toolz'], 2, /tools/],
    ['an unknown check', ['run', '--check', 'rs.token.tamperd'], 2, /rs\.token\.tampered/],
    ['an unknown mutant', ['run', '--mutant', 's-aud-uncheckd'], 2, /s-aud-unchecked/],
  ] as const)('%s', async (_, args, code, message) => {
    const run = await runCli([...args])
    expect(run.code).toBe(code)
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toMatch(/\n\s+at /)
  })

  test('an unreachable Nextcloud', async () => {
    const run = await runCli(['run', '--nextcloud', 'http://127.0.0.1:9'], {
      NCMC_ALICE_PASSWORD: 'not-the-password',
      NCMC_BOB_PASSWORD: 'not-the-password',
    })
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(/NCMC_NEXTCLOUD_UNREACHABLE/)
  })

  test('a wrong password', async () => {
    const { startEmbeddedNextcloud } = await import('../../src/nextcloud/embedded/index.js')
    await using nextcloud = await startEmbeddedNextcloud()
    const password = 'certainly-not-the-password'
    const run = await runCli(['run', '--nextcloud', nextcloud.baseUrl, '--user-agent', 'http'], {
      NCMC_ALICE_PASSWORD: password,
      NCMC_BOB_PASSWORD: password,
    })
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(/NCMC_LOGIN_FAILED/)
    expect(run.stdout + run.stderr).not.toContain(password)
  })

  test('a port in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      const run = await runCli(['nextcloud', '--port', String(port)])
      expect(run.code).toBe(3)
      expect(run.stderr).toMatch(/NCMC_PORT_IN_USE/)
    } finally {
      taken.close()
    }
  })

  test('an unwritable report folder', async () => {
    const run = await runCli(['run', '--report-dir', '/proc/nowhere'])
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/--report-dir/)
  })
})

test('token prints a working token', async () => {
  const { startEmbeddedNextcloud } = await import('../../src/nextcloud/embedded/index.js')
  await using nextcloud = await startEmbeddedNextcloud()
  const { code, stdout } = await runCli(
    ['token', '--user', 'alice', '--json', '--user-agent', 'http', '--nextcloud', nextcloud.baseUrl],
    { NCMC_ALICE_PASSWORD: nextcloud.users.alice.password, NCMC_BOB_PASSWORD: nextcloud.users.bob.password },
  )
  expect(code).toBe(0)
  const { access_token: token } = JSON.parse(stdout) as { access_token: string }
  const response = await fetch(`${nextcloud.baseUrl}/index.php/apps/oidc/userinfo`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await response.json()).toMatchObject({ sub: 'alice' })
})

test('token --interactive refuses where there is no terminal', async () => {
  const { code, stderr } = await runCli(['token', '--interactive', '--nextcloud', 'http://127.0.0.1:9'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/NCMC_NO_TERMINAL/)
})
