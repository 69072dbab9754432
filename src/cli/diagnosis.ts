import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NcmcError } from '../errors.js'
import { oneLine } from '../report/text.js'
import type { Services } from './services.js'

/** Below this the toolkit does not work. */
const NODE_MINIMUM = [20, 19] as const

/** One thing that a run needs, and whether this machine has it. */
export interface Finding {
  readonly what: string
  readonly ok: boolean
  /** A default run can work without it. */
  readonly optional?: true
  readonly seen: string
  /** Present when it is missing. */
  readonly fix?: string
}

export interface DiagnosisInput {
  readonly env: NodeJS.ProcessEnv
  readonly resolveBrowser: Services['resolveBrowser']
  readonly findEngine: Services['findEngine']
  /** Default: the running Node, without `v`. */
  readonly nodeVersion?: string
  /** Default: the system's. */
  readonly temporaryFolder?: string
}

/** Looks at everything that a default run needs. Installs nothing, never throws. */
export async function diagnose(input: DiagnosisInput): Promise<readonly Finding[]> {
  const nodeVersion = input.nodeVersion ?? process.versions.node
  const [browser, loopback, temporaryFolder, engine] = await Promise.all([
    browserFinding(input),
    loopbackFinding(),
    temporaryFolderFinding(input.temporaryFolder ?? tmpdir()),
    engineFinding(input),
  ])
  return [nodeFinding(nodeVersion), browser, loopback, temporaryFolder, engine]
}

function nodeFinding(version: string): Finding {
  const [major, minor] = NODE_MINIMUM
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(Number)
  const ok = actualMajor > major || (actualMajor === major && actualMinor >= minor)
  return {
    what: 'Node',
    ok,
    seen: version,
    ...(ok ? {} : { fix: `install Node ${major}.${minor} or newer` }),
  }
}

async function browserFinding({ env, resolveBrowser }: DiagnosisInput): Promise<Finding> {
  const common = { what: 'browser' }
  try {
    const { executablePath, source } = await resolveBrowser({ env, install: false })
    return { ...common, ok: true, seen: `${executablePath} (${source})` }
  } catch (error) {
    const fix =
      error instanceof NcmcError && error.code === 'NCMC_USAGE'
        ? error.message
        : 'npx playwright install chromium, or set NCMC_CHROMIUM, or run with --user-agent http'
    return { ...common, ok: false, seen: 'no Chromium found', fix }
  }
}

/** Only `--nextcloud container` and servers in containers need it. */
async function engineFinding({ findEngine }: DiagnosisInput): Promise<Finding> {
  const common = { what: 'container engine', optional: true } as const
  try {
    const { version, operatingSystem } = await findEngine()
    return { ...common, ok: true, seen: `${version} (${operatingSystem})` }
  } catch (error) {
    return {
      ...common,
      ok: false,
      seen: describe(error),
      fix: 'start Docker, or set DOCKER_HOST; only --nextcloud container needs it',
    }
  }
}

async function loopbackFinding(): Promise<Finding> {
  const common = { what: 'listening on 127.0.0.1' }
  const server = createServer()
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { ...common, ok: true, seen: 'works' }
  } catch (error) {
    return {
      ...common,
      ok: false,
      seen: describe(error),
      fix: 'allow this user to listen on the loopback interface',
    }
  } finally {
    server.close()
  }
}

async function temporaryFolderFinding(parent: string): Promise<Finding> {
  const common = { what: 'folder for temporary files' }
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(parent, 'ncmc-doctor-'))
    await writeFile(join(folder, 'probe'), 'probe', { mode: 0o600 })
    return { ...common, ok: true, seen: parent }
  } catch (error) {
    return { ...common, ok: false, seen: describe(error), fix: 'set TMPDIR to a folder that can be written' }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

function describe(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error))
}
