import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chromium } from 'playwright'
import { resolveBrowser } from '../../src/user-agent/resolve-browser.js'
import { findInstalledBrowser } from '../../src/user-agent/find-browser.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncmc-browser-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

async function executable(name: string, script = ''): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

/** Playwright's own browser is said to be here, whether this machine has it or not. */
function playwrightHas(path: string): void {
  vi.spyOn(chromium, 'executablePath').mockReturnValue(path)
}

// Where a vendor's own installer put a browser, no empty PATH hides it.
const hasWellKnownBrowser = (await findInstalledBrowser({ PATH: '' })) !== undefined

describe('finding a browser', () => {
  it('prefers NCMC_CHROMIUM to everything', async () => {
    const named = await executable('my-chromium')
    playwrightHas(await executable('own'))
    await executable('chromium')
    expect(await resolveBrowser({ env: { NCMC_CHROMIUM: named, PATH: folder } })).toMatchObject({
      executablePath: named,
      source: 'NCMC_CHROMIUM',
    })
  })

  it('does not fall back when NCMC_CHROMIUM is wrong', async () => {
    await executable('chromium')
    const env = { NCMC_CHROMIUM: join(folder, 'absent'), PATH: folder }
    await expect(resolveBrowser({ env })).rejects.toMatchObject({
      code: 'NCMC_USAGE',
      exitCode: 2,
      message: expect.stringContaining('NCMC_CHROMIUM') as string,
    })
  })

  it("prefers Playwright's own to an installed one", async () => {
    const own = await executable('own')
    playwrightHas(own)
    await executable('chromium')
    expect(await resolveBrowser({ env: { PATH: folder } })).toMatchObject({
      executablePath: own,
      source: 'playwright',
    })
  })

  it.skipIf(hasWellKnownBrowser)('takes Chrome before Edge before Chromium from the PATH', async () => {
    playwrightHas(join(folder, 'absent'))
    const env = { PATH: `/nowhere:${folder}` }
    for (const name of ['chromium', 'microsoft-edge', 'google-chrome']) {
      const path = await executable(name)
      expect(await resolveBrowser({ env })).toMatchObject({ executablePath: path, source: 'installed' })
    }
  })

  it('passes the arguments that every Chromium needs here', async () => {
    const { args } = await resolveBrowser({ env: { NCMC_CHROMIUM: await executable('any') } })
    expect(args).toEqual(expect.arrayContaining(['--disable-gpu', '--disable-background-networking']))
    expect(args.includes('--no-sandbox')).toBe(process.getuid?.() === 0)
  })

  it.skipIf(hasWellKnownBrowser)('names every way out when nothing may be installed', async () => {
    playwrightHas(join(folder, 'absent'))
    const missing = await resolveBrowser({ env: { PATH: folder }, install: false }).catch((e: unknown) => e)
    expect(missing).toMatchObject({ code: 'NCMC_BROWSER_MISSING', exitCode: 3 })
    for (const way of [
      'NCMC_CHROMIUM',
      'playwright install chromium',
      'Google Chrome',
      'apt-get',
      '--user-agent http',
    ]) {
      expect(String(missing)).toContain(way)
    }
  })
})

describe.skipIf(hasWellKnownBrowser || process.getuid?.() !== 0)('installing a browser', () => {
  /** Makes Playwright's download fail at once: nothing listens at that port. */
  const offline = { PLAYWRIGHT_DOWNLOAD_HOST: 'http://127.0.0.1:1' }

  it('falls back to the package of the distribution, with fresh package lists where needed', async () => {
    playwrightHas(join(folder, 'absent'))
    const log = join(folder, 'log')
    await executable(
      'apt-get',
      `echo "$@" >> ${log}
       case "$1" in update) : > ${folder}/lists;; install) [ -e ${folder}/lists ] || exit 100; echo unpacking; /bin/cp "$0" ${folder}/chromium;; esac`,
    )
    const lines: string[] = []
    const env = {
      ...offline,
      PLAYWRIGHT_BROWSERS_PATH: join(folder, 'browsers'),
      PATH: folder,
    }
    const found = await resolveBrowser({ env, onProgress: (line) => lines.push(line) })
    expect(found).toMatchObject({ executablePath: join(folder, 'chromium'), source: 'apt-get' })
    expect(lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/playwright install chromium/), 'unpacking']),
    )
  })

  it('gives up when the installers fail or take too long', async () => {
    playwrightHas(join(folder, 'absent'))
    await executable('apt-get', 'exec /bin/sleep 600')
    const env = { ...offline, PLAYWRIGHT_BROWSERS_PATH: join(folder, 'browsers'), PATH: folder }
    const started = performance.now()
    await expect(resolveBrowser({ env, installTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'NCMC_BROWSER_MISSING',
    })
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
