import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, quoteUntrusted } from '../../errors.js'
import type { StartedDatabase } from './database.js'
import { statusOf, type Engine } from './engine.js'
import { outputOf } from './logs.js'
import { LoopbackContainer } from './loopback-container.js'
import { NEXTCLOUD_ALIAS } from './network.js'
import { newPassword, type ContainerOptions } from './options.js'
import { ownLabels } from './owner.js'
import { poll } from './polling.js'
import { ADMIN_PASSWORD_FILE, setUpEnvironment, setUpFiles, WRAPPER } from './set-up.js'

const HTTP_PORT = 80
const DEFAULT_TIMEOUT_MS = 300_000
const REQUEST_TIMEOUT_MS = 10_000

export interface NextcloudContainerInput {
  readonly engine: Engine
  readonly run: string
  readonly networkName: string
  readonly options: ContainerOptions
  /** App id to path. */
  readonly archives: Readonly<Record<string, string>>
  /** The image that the snapshot was made from, too: its entry point is run. */
  readonly image: string
  readonly snapshot?: string
  readonly database?: StartedDatabase
  /** Host port; default a free one. */
  readonly port?: number
}

export interface StartedNextcloudContainer {
  readonly container: StartedTestContainer
  /** Host port on 127.0.0.1. */
  readonly port: number
  /** Nextcloud's version, e.g. `32.0.2`. */
  readonly version: string
}

/**
 * Starts the container with our entry point, hooks and patches in it, and waits until `status.php` says installed:
 * the image's entry point lets the web server start only after installation and hooks.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED` with the last lines of output, `NCMC_PORT_IN_USE`.
 */
export async function startNextcloudContainer(
  input: NextcloudContainerInput,
): Promise<StartedNextcloudContainer> {
  const { engine, options, database } = input
  const { Entrypoint, Cmd } = (await engine.getImage(input.image).inspect()).Config
  const files = setUpFiles()
  if (input.snapshot === undefined) {
    files.push({ content: newPassword(), target: ADMIN_PASSWORD_FILE, mode: 0o444 })
    files.push(...(database?.files ?? []))
  }
  const definition = new LoopbackContainer(input.snapshot ?? input.image)
    .withLabels(ownLabels('nextcloud', input.run))
    .withLabelledVolume('/var/www/html', ownLabels('volume', input.run))
    .withNetworkMode(input.networkName)
    .withNetworkAliases(NEXTCLOUD_ALIAS)
    .withLoopbackPort(HTTP_PORT, input.port)
    .withEntrypoint([WRAPPER])
    .withCommand([...words(Entrypoint), ...words(Cmd)])
    .withEnvironment({
      ...setUpEnvironment(options),
      ...(database === undefined ? { SQLITE_DATABASE: 'nextcloud' } : database.environment),
    })
    .withCopyContentToContainer(files)
  if (input.snapshot === undefined) {
    definition.withCopyFilesToContainer(
      Object.entries(input.archives).map(([id, source]) => ({
        source,
        target: `/ncmc/apps/${id}.tar.gz`,
        mode: 0o444,
      })),
    )
  }
  const container = await definition.start().catch((cause: unknown) => {
    throw startFailure(cause, input.port)
  })
  const port = container.getMappedPort(HTTP_PORT)
  return { container, port, version: await untilInstalled(input, container.getId(), port) }
}

async function untilInstalled(input: NextcloudContainerInput, id: string, port: number): Promise<string> {
  const { engine, options } = input
  const version = await poll(
    async () => {
      const answer = await versionIfInstalled(port)
      if (answer !== undefined) return answer
      const { State } = await engine.getContainer(id).inspect()
      if (State.Running) return undefined
      throw await failure(`the Nextcloud container ended with ${State.ExitCode}`, input, id)
    },
    {
      timeoutMs: options.startupTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  )
  return version ?? Promise.reject(await failure('Nextcloud did not answer in time', input, id))
}

async function versionIfInstalled(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/status.php`, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const status = (await response.json()) as { installed?: unknown; versionstring?: unknown }
    return status.installed === true ? String(status.versionstring) : undefined
  } catch {
    return undefined
  }
}

async function failure(what: string, input: NextcloudContainerInput, id: string): Promise<HarnessError> {
  const output = (await outputOf(input.engine, id, 40).catch(() => '')).trim().slice(-1_500)
  const hint = input.snapshot === undefined ? '' : '; it was started from a snapshot: --fresh ignores it'
  return new HarnessError(
    'NCMC_CONTAINER_FAILED',
    `${what}${hint}. Its last output: ${quoteUntrusted(output, 1_600)}`,
    { details: { output } },
  )
}

function startFailure(cause: unknown, port: number | undefined): unknown {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (port !== undefined && /port is already allocated|address already in use/.test(message)) {
    return new HarnessError(
      'NCMC_PORT_IN_USE',
      `port ${port} is taken by another process; choose another one`,
      {
        cause,
      },
    )
  }
  if (statusOf(cause) === undefined) return cause
  return new HarnessError(
    'NCMC_CONTAINER_FAILED',
    `the container did not start: ${quoteUntrusted(message)}`,
    {
      cause,
    },
  )
}

function words(value: string | readonly string[] | null | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? [])
}
