import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.js'

const BIN = packageFile('dist/src/cli/bin.js')
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Starts the built command; resolves with its first line on stdout. */
async function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  started.push(child)
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, ended, line }
}

async function startNextcloud() {
  const nextcloud = await start(['nextcloud', '--json'])
  const { url } = JSON.parse(nextcloud.line) as { url: string }
  return { ...nextcloud, url }
}

describe('the built command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops what it started and ends with 0 after %s',
    async (signal) => {
      const { child, ended, url } = await startNextcloud()
      expect((await fetch(`${url}/status.php`)).ok).toBe(true)
      child.kill(signal)
      await expect(ended).resolves.toEqual([0, null])
      await expect(fetch(`${url}/status.php`)).rejects.toThrow()
    },
  )

  it('refuses a port that is taken with exit code 3', async () => {
    const { url } = await startNextcloud()
    const second = spawn(process.execPath, [BIN, 'nextcloud', '--port', new URL(url).port], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    started.push(second)
    let err = ''
    second.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    await expect(once(second, 'close')).resolves.toEqual([3, null])
    expect(err).toContain('[NCMC_PORT_IN_USE]')
  })

  it('serves until the pipe to its parent closes', async () => {
    const { url } = await startNextcloud()
    const server = await start(['serve', '--mode', 'basic'], {
      NEXTCLOUD_HOST: url,
      NEXTCLOUD_USERNAME: 'alice',
      NEXTCLOUD_PASSWORD: 'not-looked-at',
    })
    expect(server.line).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/mcp$/)
    server.child.stdin.end()
    await expect(server.ended).resolves.toEqual([0, null])
  })
})
