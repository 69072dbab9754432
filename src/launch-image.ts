import { randomBytes } from 'node:crypto'
import { basename, join, posix } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { LaunchSpec } from './engine/handle.js'
import { HarnessError, quoteUntrusted } from './errors.js'
import { freePort } from './free-port.js'
import { whenAnswering } from './http-readiness.js'
import type { LaunchInput } from './launch.js'
import { bringClientFile, takeClientFile, type ClientFile } from './nextcloud/container/client-file.js'
import { connectEngine, ensureImage, statusOf, type Engine } from './nextcloud/container/engine.js'
import { LoopbackContainer } from './nextcloud/container/loopback-container.js'
import { ownLabels, RUN_LABEL } from './nextcloud/container/owner.js'
import { unlessAborted } from './nextcloud/container/polling.js'
import { removeOurs } from './nextcloud/container/removal.js'
import { placeBeside, type ServerPlace } from './nextcloud/container/server-place.js'
import { sweepContainers } from './nextcloud/container/sweep.js'
import { fillIn, withUserEnvironment, type LaunchValues } from './server-environment.js'
import type { Mode, RunningServer } from './servers/server.js'

const DEFAULT_PORT = 8000
const DEFAULT_PATH = '/mcp'
/** A folder that every user of a container may write to. */
const CLIENT_FOLDER = '/tmp'
const WITHOUT_ENGINE = 'give the server by --server-command, which needs none'
const OTHER_SERVER = 'name another one with --server-image, or give the server by --server-command'
const KEPT_LOG_LINES = 2_000
const STOP_GRACE_SECONDS = 3
/** Bound for the last log lines after the end. */
const LOG_END_MS = 500
/** Another process may take the port that was found free. */
const PORT_ATTEMPTS = 4

export type ImageSpec = Extract<LaunchSpec, { kind: 'image' }>

export interface ImageLaunchInput extends Omit<LaunchInput, 'spec'> {
  readonly spec: ImageSpec
}

/**
 * Makes sure that there is an engine, and removes what processes left there that are gone.
 *
 * @throws {HarnessError} `NCMC_DOCKER_MISSING`.
 */
export async function sweepServerContainers(): Promise<void> {
  await connectEngine(WITHOUT_ENGINE)
  await sweepContainers()
}

/**
 * Starts a server's image and waits until it answers over HTTP. Whatever happens, nothing of it is left.
 *
 * @throws {HarnessError} `NCMC_SERVER_START` when it ends or stays silent, with exit code and last log lines in details;
 * `NCMC_DOCKER_MISSING`, `NCMC_IMAGE_MISSING`, `NCMC_CONTAINER_FAILED`; the signal's reason when it is aborted.
 */
export async function launchImage(input: ImageLaunchInput): Promise<RunningServer> {
  const engine = await connectEngine(WITHOUT_ENGINE)
  await unlessAborted(ensureImage(input.spec.image, input.stage, OTHER_SERVER), input.signal)
  for (let attempt = 1; ; attempt += 1) {
    const server = new ServerContainer(engine, input, await freePort())
    try {
      await server.start()
      return server
    } catch (error) {
      await server.stop()
      if (attempt === PORT_ATTEMPTS || !isPortTaken(error)) throw error
    }
  }
}

/** A container that serves MCP, with its place in the engine's networks. */
class ServerContainer implements RunningServer {
  readonly mode: Mode
  readonly url: string
  readonly #engine: Engine
  readonly #input: ImageLaunchInput
  readonly #port: number
  readonly #run = randomBytes(6).toString('hex')
  readonly #lines: string[] = []
  readonly #clientFile: ClientFile | undefined
  #id: string | undefined
  #place: ServerPlace | undefined
  /** Settles when the engine has done all that the start asked of it. */
  #starting: Promise<unknown> = Promise.resolve()
  /** Ends the question for the container's end. */
  readonly #waiting = new AbortController()
  #exitCode: number | null | undefined
  #logEnded: Promise<unknown> = Promise.resolve()
  #stopping: Promise<void> | undefined

  constructor(engine: Engine, input: ImageLaunchInput, port: number) {
    this.mode = input.mode
    this.url = `http://localhost:${port}${input.spec.path ?? DEFAULT_PATH}`
    this.#engine = engine
    this.#input = input
    this.#port = port
    this.#clientFile = clientFileOf(input)
  }

  logs(): readonly string[] {
    return this.#lines
  }

  hasExited(): boolean {
    return this.#exitCode !== undefined
  }

  async start(): Promise<void> {
    const { signal, startupTimeoutMs, spec } = this.#input
    signal?.throwIfAborted()
    this.#place = await placeBeside(this.#engine, this.#input.nextcloud, this.#run)
    signal?.throwIfAborted()
    let exit: (code: number | null) => void = () => undefined
    const exited = new Promise<number | null>((resolve) => {
      exit = resolve
    })
    const definition = this.#define(this.#place).withCreated(async (id) => {
      this.#id = id
      await this.#follow(id)
      void this.#engine
        .getContainer(id)
        .wait({ condition: 'next-exit', abortSignal: this.#waiting.signal })
        .then(
          ({ StatusCode }: { StatusCode: number }) => exit(StatusCode),
          () => exit(null),
        )
    })
    void exited.then((code) => {
      this.#exitCode = code
    })
    const starting = definition.start()
    this.#starting = starting.catch(() => undefined)
    const controller = new AbortController()
    const ended = exited.then(async (code) => {
      await this.#whenLogEnded()
      throw this.#failure(`stopped with exit code ${code ?? 'none'} before it was ready`)
    })
    const ready = async (): Promise<void> => {
      await starting.catch((cause: unknown) => {
        throw this.#exitCode === undefined ? startFailure(cause) : cause
      })
      const timer = setTimeout(() => controller.abort(), startupTimeoutMs)
      await whenAnswering(
        new URL(spec.readyPath ?? spec.path ?? DEFAULT_PATH, this.url).href,
        controller.signal,
      )
      clearTimeout(timer)
      if (controller.signal.aborted) throw this.#failure(`was not ready within ${startupTimeoutMs} ms`)
    }
    const answering = ready()
    answering.catch(() => undefined)
    ended.catch(() => undefined)
    try {
      await unlessAborted(Promise.race([answering, ended]), signal)
      await this.#keepClientFile()
    } finally {
      controller.abort()
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #define({ networkName, nextcloudUrl }: ServerPlace): LoopbackContainer {
    const { spec } = this.#input
    const port = spec.port ?? DEFAULT_PORT
    const definition = new LoopbackContainer(spec.image)
      .withLabels(ownLabels('mcp-server', this.#run))
      .withNetworkMode(networkName)
      .withLoopbackPort(port, this.#port)
      .withEnvironment(this.#environment(nextcloudUrl, port))
    if (spec.command !== undefined) {
      definition.withCommand(spec.command.map((word) => fillIn(word, this.#values(nextcloudUrl))))
    }
    if (this.#clientFile !== undefined) bringClientFile(this.#clientFile, definition)
    return definition
  }

  /** What the user's texts may name, as it is inside the container. */
  #values(nextcloudUrl: string): LaunchValues {
    const { mode, env, nextcloud } = this.#input
    const host = env.NEXTCLOUD_HOST as string | undefined
    return {
      port: this.#port,
      mode,
      serverUrl: new URL(this.url).origin,
      env: {
        ...env,
        NEXTCLOUD_PUBLIC_ISSUER_URL: nextcloud.baseUrl,
        ...(host === undefined
          ? {}
          : { NEXTCLOUD_HOST: insideUrl(host, nextcloud.internalUrl, nextcloudUrl) }),
        ...(this.#clientFile === undefined
          ? {}
          : { NEXTCLOUD_OIDC_CLIENT_STORAGE: this.#clientFile.insidePath }),
      },
    }
  }

  #environment(nextcloudUrl: string, port: number): Record<string, string> {
    const { spec, mode, env, nextcloud } = this.#input
    const filled: Readonly<Partial<Record<string, string>>> = withUserEnvironment(
      env,
      spec.env,
      this.#values(nextcloudUrl),
    )
    const host = filled['NEXTCLOUD_HOST']
    return {
      MODE: mode,
      NEXTCLOUD_MCP_SERVER_URL: new URL(this.url).origin,
      ...(mode === 'oauth' && nextcloudUrl !== nextcloud.baseUrl
        ? { NEXTCLOUD_PUBLIC_ISSUER_URL: nextcloud.baseUrl }
        : {}),
      ...filled,
      ...(host === undefined ? {} : { NEXTCLOUD_HOST: insideUrl(host, nextcloud.internalUrl, nextcloudUrl) }),
      ...(this.#clientFile === undefined
        ? {}
        : { NEXTCLOUD_OIDC_CLIENT_STORAGE: this.#clientFile.insidePath }),
      PORT: String(port),
    }
  }

  /** Reads the container's output from its first line on. */
  async #follow(id: string): Promise<void> {
    const stream = await this.#engine.getContainer(id).attach({ stream: true, stdout: true, stderr: true })
    const outputs = [new PassThrough(), new PassThrough()] as const
    this.#engine.modem.demuxStream(stream, ...outputs)
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        for (const output of outputs) output.end()
      })
    }
    this.#logEnded = Promise.all(
      outputs.map((output) => {
        const lines = createInterface({ input: output })
        lines.on('line', (line) => {
          this.#lines.push(line)
          if (this.#lines.length > KEPT_LOG_LINES) this.#lines.shift()
        })
        return new Promise((resolve) => lines.once('close', resolve))
      }),
    )
  }

  async #stop(): Promise<void> {
    const id = this.#id
    if (id !== undefined && this.#exitCode === undefined) {
      const container = this.#engine.getContainer(id)
      await container.stop({ t: STOP_GRACE_SECONDS }).catch(ignoreGone)
    }
    if (id !== undefined) {
      await this.#whenLogEnded()
      await this.#keepClientFile().catch(() => undefined)
    }
    await this.#remove()
    // What the engine was still about to make when the start was given up.
    await this.#starting
    await this.#remove()
    await this.#place?.close()
    this.#exitCode ??= null
    this.#waiting.abort()
  }

  async #remove(): Promise<void> {
    await removeOurs(this.#engine, (labels) => labels[RUN_LABEL] === this.#run)
  }

  async #keepClientFile(): Promise<void> {
    if (this.#id === undefined || this.#clientFile === undefined) return
    await takeClientFile(this.#engine, this.#id, this.#clientFile)
  }

  async #whenLogEnded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const bound = new Promise((resolve) => {
      timer = setTimeout(resolve, LOG_END_MS)
    })
    await Promise.race([this.#logEnded, bound])
    clearTimeout(timer)
  }

  #failure(what: string): HarnessError {
    return new HarnessError('NCMC_SERVER_START', `the MCP server (${this.mode} mode, image) ${what}`, {
      details: { exitCode: this.#exitCode, log: [...this.#lines] },
    })
  }
}

/** A path of this host means nothing inside: a file of our choice gets a place there, one of the user's stays. */
function clientFileOf({ env, cwd }: ImageLaunchInput): ClientFile | undefined {
  const chosen = env.NEXTCLOUD_OIDC_CLIENT_STORAGE
  if (chosen === undefined) return undefined
  const path = join(cwd, basename(chosen))
  return { path, insidePath: chosen === path ? posix.join(CLIENT_FOLDER, basename(chosen)) : chosen }
}

/** A URL of the Nextcloud as this host sees it, moved to the address that the container reaches. */
function insideUrl(text: string, internalUrl: string, nextcloudUrl: string): string {
  if (text === internalUrl) return nextcloudUrl
  if (!URL.canParse(text) || new URL(text).host !== new URL(internalUrl).host) return text
  const url = new URL(text)
  const { protocol, host } = new URL(nextcloudUrl)
  url.protocol = protocol
  url.host = host
  return url.href
}

function isPortTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && /port is already allocated|address already in use/.test(cause.message)
}

function startFailure(cause: unknown): unknown {
  if (statusOf(cause) === undefined) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HarnessError(
    'NCMC_CONTAINER_FAILED',
    `the MCP server's container did not start: ${quoteUntrusted(message)}`,
    { cause },
  )
}

function ignoreGone(error: unknown): void {
  const status = statusOf(error)
  // 304: it has stopped already.
  if (status !== 304 && status !== 404 && status !== 409) throw error
}
