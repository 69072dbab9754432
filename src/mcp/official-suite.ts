import { spawn } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { HarnessError } from '../errors.js'
import type { Revision } from '../servers/server.js'
import { createTemporaryFolder } from '../temporary-folder.js'
import { globSyncShim } from './official-suite-shim.js'
import { startTokenProxy } from './token-proxy.js'

const PACKAGE = '@modelcontextprotocol/conformance'
/** The first Node release line with `fs.globSync`, which the package imports. */
const FIRST_NODE_WITH_GLOB = 22
/** Comes with every exchange, a refused one too, so it says nothing about the server. */
const SYNTHETIC_CHECK = 'wire-schema-valid'
const DEFAULT_TIMEOUT_MS = 60_000

const checkSchema = z.object({
  id: z.string(),
  description: z.string().default(''),
  status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
  errorMessage: z.string().optional(),
})

/** One verdict of the official suite. */
export type OfficialCheck = z.output<typeof checkSchema>

/** What one run of the official suite said. */
export interface OfficialSuiteRun {
  readonly packageVersion: string
  /** True when our shim for `fs.globSync` was needed to start the package on this Node. */
  readonly shimmed: boolean
  /** True when it did not end in time and was killed: scenarios may be missing then. */
  readonly timedOut: boolean
  /** Scenario name to its checks; a scenario that was not run is absent. */
  readonly scenarios: ReadonlyMap<string, readonly OfficialCheck[]>
}

export interface OfficialSuiteInput {
  /** MCP endpoint. */
  readonly url: string
  readonly token?: string
  readonly revision: Revision
  /** Default 60 000. */
  readonly timeoutMs?: number
}

/**
 * Runs the official MCP conformance suite (scenarios of its `active` set for the revision) against a server, by
 * way of a proxy that adds the token: the suite itself cannot send one. One child process for all scenarios; it,
 * the proxy and its output folder are gone when this returns.
 *
 * @throws {HarnessError} `NCMC_INTERNAL` when the suite cannot be started, or ends without results.
 */
export async function runOfficialSuite(input: OfficialSuiteInput): Promise<OfficialSuiteRun> {
  const { manifest, cli } = locatePackage()
  const shimmed = Number(process.versions.node.split('.')[0]) < FIRST_NODE_WITH_GLOB
  await using proxy = await startTokenProxy(input.url, input.token)
  const folder = await createTemporaryFolder()
  try {
    const timedOut = await runChild(
      [
        ...(shimmed ? ['--import', globSyncShim()] : []),
        ...[cli, 'server', '--url', proxy.url],
        ...['--suite', 'active', '--spec-version', input.revision, '-o', folder],
      ],
      input.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    )
    const scenarios = await readResults(folder)
    if (scenarios.size === 0 && !timedOut) {
      throw new HarnessError('NCMC_INTERNAL', 'the official conformance suite left no results')
    }
    return { packageVersion: manifest.version, shimmed, timedOut, scenarios }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** True when a scenario has a success that says something about the server. */
export function hasEvidence(checks: readonly OfficialCheck[]): boolean {
  return checks.some(({ id, status }) => status === 'SUCCESS' && id !== SYNTHETIC_CHECK)
}

function locatePackage(): { manifest: { version: string; bin: { conformance: string } }; cli: string } {
  const require = createRequire(import.meta.url)
  const path = require.resolve(`${PACKAGE}/package.json`)
  const manifest = require(path) as { version: string; bin: { conformance: string } }
  return { manifest, cli: join(dirname(path), manifest.bin.conformance) }
}

/** Its exit code only tells that something failed, which is nearly always so: most scenarios need fixture tools. True when it did not end in time. */
async function runChild(args: readonly string[], timeoutMs: number): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    stdio: 'ignore',
    env: childEnvironment(),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  // An interrupted run must leave nothing behind.
  const onExit = (): void => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', (cause) => {
      const message = 'the official conformance suite could not be started'
      reject(new HarnessError('NCMC_INTERNAL', message, { cause }))
    })
    child.once('close', (_, endedBy) => {
      resolve(endedBy)
    })
  }).finally(() => {
    process.off('exit', onExit)
  })
  return signal !== null
}

/** Only what a Node process needs: ours holds the secrets of the run. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
  }
}

/** The results name their scenario only in the folder's name: `server-<scenario>-<ISO time>`. */
async function readResults(folder: string): Promise<Map<string, readonly OfficialCheck[]>> {
  const scenarios = new Map<string, readonly OfficialCheck[]>()
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T/.exec(name)?.[1]
    if (scenario === undefined) continue
    const text = await readFile(join(folder, name, 'checks.json'), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    scenarios.set(scenario, z.array(checkSchema).parse(JSON.parse(text)))
  }
  return scenarios
}
