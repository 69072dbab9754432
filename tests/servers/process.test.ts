import { describe, expect, it, vi } from 'vitest'
import { runReferenceServerProcess } from '../../src/servers/process.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import { send, INITIALIZE, TestSession } from './support/mcp-http.js'
import { fakeNextcloud } from './support/reference.js'

async function run(mutants: readonly ServerMutant[] = []) {
  const nextcloud = await fakeNextcloud()
  const env = {
    NEXTCLOUD_HOST: nextcloud.url,
    NEXTCLOUD_USERNAME: 'alice',
    NEXTCLOUD_PASSWORD: 'a-wrong-password',
  }
  const out: string[] = []
  const log: string[] = []
  const exitCode = runReferenceServerProcess('basic', env, {
    mutants,
    writeOut: (text) => out.push(text),
    writeLog: (text) => log.push(text),
  })
  await vi.waitFor(() => {
    expect(out).toHaveLength(1)
  })
  return { url: out[0]?.replace('ready ', '').trim() ?? '', out, log, exitCode }
}

describe('a reference server as a process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('announces its URL and stops cleanly on %s', async (signal) => {
    const listeners = process.listenerCount(signal)
    const { url, out, log, exitCode } = await run()
    expect(out[0]).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/mcp\n$/)
    const session = await TestSession.open(url)
    await session.call('nc_notes_search_notes', { query: 'x' })
    process.emit(signal)
    expect(await exitCode).toBe(0)
    await expect(send(url, INITIALIZE)).rejects.toThrow()
    expect(out.concat(log).join('')).not.toContain('a-wrong-password')
    expect(process.listenerCount(signal)).toBe(listeners)
  })

  it('ends with 1 when the server stopped by itself', async () => {
    const { url, exitCode } = await run(['s-crash-on-401'])
    const session = await TestSession.open(url)
    await session.call('nc_notes_search_notes', { query: 'x' }).catch(() => undefined)
    expect(await exitCode).toBe(1)
  })

  it('fails before it announces anything when a variable is missing', async () => {
    const writeOut = vi.fn()
    const running = runReferenceServerProcess(
      'basic',
      { NEXTCLOUD_HOST: '' },
      { writeOut, writeLog: () => undefined },
    )
    await expect(running).rejects.toMatchObject({ code: 'NCMC_USAGE' })
    expect(writeOut).not.toHaveBeenCalled()
  })
})
