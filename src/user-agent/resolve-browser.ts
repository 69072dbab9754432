import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright'
import { HarnessError, UsageError } from '../errors.js'
import { findInstalledBrowser, findOnPath, isExecutable } from './find-browser.js'

export interface ResolvedBrowser {
  readonly executablePath: string
  /** Which of the ways found it. */
  readonly source: 'NCMC_CHROMIUM' | 'playwright' | 'installed' | 'playwright install' | 'apt-get'
  /** Arguments that the browser needs here. */
  readonly args: readonly string[]
}

export interface ResolveBrowserOptions {
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv
  /** Whether a browser may be downloaded or installed. Default true. */
  readonly install?: boolean
  /** Receives a line per step and the installers' own lines. */
  readonly onProgress?: (line: string) => void
  /** Upper bound for each installer, ms. Default 300 000. */
  readonly installTimeoutMs?: number
}

const MISSING =
  'no Chromium was found or could be installed. Any of these helps: set NCMC_CHROMIUM to the path of a Chromium, ' +
  'Chrome or Edge; run `npx playwright install chromium`; install Google Chrome, Microsoft Edge or Chromium; ' +
  "install the distribution's package (as root: `apt-get install chromium`); or do without a browser: `--user-agent http`"

/**
 * Finds a Chromium: `NCMC_CHROMIUM`, Playwright's own, an installed Chrome, Edge or Chromium,
 * `playwright install chromium`, the distribution's package when root; in this order.
 *
 * @throws {UsageError} when `NCMC_CHROMIUM` names no executable file.
 * @throws {HarnessError} `NCMC_BROWSER_MISSING` when none of the ways works.
 */
export async function resolveBrowser(options: ResolveBrowserOptions = {}): Promise<ResolvedBrowser> {
  const env = options.env ?? process.env
  const found =
    (await findBrowser(env)) ?? (options.install === false ? undefined : await install(env, options))
  if (found === undefined) throw new HarnessError('NCMC_BROWSER_MISSING', MISSING)
  return { ...found, args: browserArguments() }
}

type Found = Pick<ResolvedBrowser, 'executablePath' | 'source'>

async function findBrowser(env: NodeJS.ProcessEnv): Promise<Found | undefined> {
  const named = env['NCMC_CHROMIUM']
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return { executablePath: named, source: 'NCMC_CHROMIUM' }
    throw new UsageError(
      'NCMC_USAGE',
      'NCMC_CHROMIUM names no executable file; set it to the path of a Chromium',
      {
        details: { variable: 'NCMC_CHROMIUM' },
      },
    )
  }
  const own = await playwrightsOwn('playwright')
  if (own !== undefined) return own
  const installed = await findInstalledBrowser(env)
  return installed === undefined ? undefined : { executablePath: installed, source: 'installed' }
}

async function playwrightsOwn(source: 'playwright' | 'playwright install'): Promise<Found | undefined> {
  const executablePath = chromium.executablePath()
  return executablePath !== '' && (await isExecutable(executablePath))
    ? { executablePath, source }
    : undefined
}

async function install(env: NodeJS.ProcessEnv, options: ResolveBrowserOptions): Promise<Found | undefined> {
  const run = (command: string, args: readonly string[]): Promise<boolean> => {
    options.onProgress?.(
      `running ${command === process.execPath ? 'playwright' : command} ${args.slice(-2).join(' ')}`,
    )
    return runInstaller(command, args, env, options)
  }
  const playwrightCli = join(
    dirname(createRequire(import.meta.url).resolve('playwright/package.json')),
    'cli.js',
  )
  if (await run(process.execPath, [playwrightCli, 'install', 'chromium'])) {
    const own = await playwrightsOwn('playwright install')
    if (own !== undefined) return own
  }
  const aptGet = process.getuid?.() === 0 ? await findOnPath(['apt-get'], env) : undefined
  if (aptGet === undefined) return undefined
  const installPackage = ['install', '--yes', '--no-install-recommends', 'chromium']
  // A fresh container has no package lists; one that has them is spared the update.
  const done =
    (await run(aptGet, installPackage)) ||
    ((await run(aptGet, ['update'])) && (await run(aptGet, installPackage)))
  const installed = done ? await findInstalledBrowser(env) : undefined
  return installed === undefined ? undefined : { executablePath: installed, source: 'apt-get' }
}

/** Runs a command without input; true when it ended with 0 within the time limit. */
function runInstaller(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: ResolveBrowserOptions,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.installTimeoutMs ?? 300_000,
      killSignal: 'SIGKILL',
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => options.onProgress?.(line))
    }
    child.once('error', () => {
      resolve(false)
    })
    child.once('exit', (code) => {
      resolve(code === 0)
    })
  })
}

/** Arguments that any Chromium gets from us. */
export function browserArguments(): string[] {
  const always = ['--disable-gpu', '--disable-background-networking']
  // Chromium's sandbox refuses to run as root.
  return process.getuid?.() === 0 ? [...always, '--no-sandbox'] : always
}
