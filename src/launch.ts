import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { HarnessError } from './errors.js'
import type { LaunchSpec } from './engine/handle.js'
import { freePort } from './free-port.js'
import { whenAnswering } from './http-readiness.js'
import { isMutantListenedFor, MUTANT_LINE_PREFIX, TELL_MUTANTS, tellMutantAsked } from './mutant-set.js'
import { packageFile } from './package-root.js'
import type { ReachableNextcloud } from './nextcloud/container/server-place.js'
import { fillIn, withUserEnvironment } from './server-environment.js'
import type { ServerMutant } from './servers/mutants.js'
import type { Mode, RunningServer, ServerEnv } from './servers/server.js'
import { startReferenceServer } from './servers/start.js'

/** Lines of a server's log that are kept. */
const KEPT_LOG_LINES = 2_000
const STOP_GRACE_MS = 3_000
/** Bound for the last log lines after the end: what the server started itself may hold its pipes open. */
const LOG_END_MS = 500

type CommandSpec = Extract<LaunchSpec, { kind: 'command' }>

export interface LaunchInput {
  readonly spec: LaunchSpec
  readonly mode: Mode
  readonly env: ServerEnv
  /** The Nextcloud that `env` names: a container reaches it by another address. */
  readonly nextcloud: ReachableNextcloud
  readonly mutants: readonly ServerMutant[]
  /** Run the reference server as a process of its own. Commands always are. Default false. */
  readonly process?: boolean
  /** umask of the process, e.g. 0. Default: ours. */
  readonly umask?: number
  /** Working folder of the process. Of an image: where the client file is kept from one container to the next. */
  readonly cwd: string
  /** Bound from the start to readiness, ms. Pulling an image is not counted. */
  readonly startupTimeoutMs: number
  /** Kills the process (SIGKILL) when it aborts, also while it starts. Not for a server in this process. */
  readonly killed?: AbortSignal
  /** Progress: an image is pulled. */
  readonly stage?: (text: string) => void
  readonly signal?: AbortSignal
}

/**
 * Starts a server under test and waits until it answers.
 *
 * @throws {HarnessError} `NCMC_SERVER_START` when it stops or stays silent; details hold the last log lines.
 * `NCMC_DOCKER_MISSING`, `NCMC_IMAGE_MISSING`, `NCMC_CONTAINER_FAILED` for an image.
 */
export async function launchServer(input: LaunchInput): Promise<RunningServer> {
  if (input.spec.kind === 'command') return launchCommand(input, input.spec)
  if (input.spec.kind === 'image') {
    // Testcontainers is loaded only now.
    const { launchImage } = await import('./launch-image.js')
    return launchImage({ ...input, spec: input.spec })
  }
  if (input.process === true) return launchReferenceProcess(input)
  return startReferenceServer({ mode: input.mode, env: input.env, mutants: input.mutants })
}

async function launchReferenceProcess(input: LaunchInput): Promise<RunningServer> {
  const args = [packageFile('dist/bundle/reference-process.js'), input.mode, ...input.mutants]
  const env = { ...input.env, ...(isMutantListenedFor() ? { [TELL_MUTANTS]: '1' } : {}) }
  const server = new ServerProcess(input, spawnWithUmask(process.execPath, args, { ...input, env }))
  const url = await server.whenReady((line) => /^ready (\S+)$/.exec(line)?.[1], input.startupTimeoutMs)
  return server.at(url)
}

async function launchCommand(input: LaunchInput, spec: CommandSpec): Promise<RunningServer> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const url = `${origin}/mcp`
  const values = { port, mode: input.mode, serverUrl: origin }
  const env = {
    NEXTCLOUD_MCP_SERVER_URL: origin,
    ...withUserEnvironment(input.env, spec.env, values),
    PORT: String(port),
  }
  const text = fillIn(spec.command, { ...values, env: input.env })
  const child = spawnWithUmask('/bin/sh', ['-c', text], { ...input, env })
  const server = new ServerProcess(input, child)
  await server.whenAnswering(url, input.startupTimeoutMs)
  return server.at(url)
}

/** A child process that serves MCP; it leads a process group, so that what it starts ends with it. */
class ServerProcess implements RunningServer {
  readonly mode: Mode
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #exited: Promise<number | null>
  /** Resolves when the log is complete; later than `#exited`. */
  readonly #logEnded: Promise<unknown>
  #exitCode: number | null | undefined
  #url = ''
  #onLine: (line: string) => void = () => undefined

  constructor(input: LaunchInput, child: ChildProcess) {
    this.mode = input.mode
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#log(line))
    }
    this.#logEnded = new Promise((resolve) => child.once('close', resolve))
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.#exitCode = code
        resolve(code)
      })
      child.once('error', (error) => {
        this.#log(error.message)
        this.#exitCode = null
        resolve(null)
      })
    })
    input.killed?.addEventListener('abort', () => this.#signal('SIGKILL'), { once: true })
  }

  get url(): string {
    return this.#url
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  at(url: string): this {
    this.#url = url
    return this
  }

  logs(): readonly string[] {
    return this.#lines
  }

  hasExited(): boolean {
    return this.#exitCode !== undefined
  }

  /** Resolves with what `match` finds in a log line. */
  async whenReady(match: (line: string) => string | undefined, timeoutMs: number): Promise<string> {
    const found = new Promise<string>((resolve) => {
      this.#onLine = (line) => {
        const value = match(line)
        if (value !== undefined) resolve(value)
      }
      this.#lines.forEach(this.#onLine)
    })
    return this.#bounded(found, timeoutMs)
  }

  /** Resolves once any HTTP answer comes from the URL. */
  async whenAnswering(url: string, timeoutMs: number): Promise<void> {
    const controller = new AbortController()
    try {
      await this.#bounded(whenAnswering(url, controller.signal), timeoutMs)
    } finally {
      controller.abort()
    }
  }

  async stop(): Promise<void> {
    if (this.#exitCode === undefined) {
      this.#signal('SIGTERM')
      const timer = setTimeout(() => this.#signal('SIGKILL'), STOP_GRACE_MS)
      await this.#exited
      clearTimeout(timer)
    }
    // What the server started itself may have survived it.
    this.#signal('SIGKILL')
    await this.#whenLogEnded()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch {
      // The group is gone already.
    }
  }

  #log(line: string): void {
    if (line.startsWith(MUTANT_LINE_PREFIX)) {
      tellMutantAsked(line.slice(MUTANT_LINE_PREFIX.length))
      return
    }
    this.#lines.push(line)
    if (this.#lines.length > KEPT_LOG_LINES) this.#lines.shift()
    this.#onLine(line)
  }

  async #whenLogEnded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const bound = new Promise((resolve) => {
      timer = setTimeout(resolve, LOG_END_MS)
    })
    await Promise.race([this.#logEnded, bound])
    clearTimeout(timer)
  }

  async #bounded<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const failure = (what: string) =>
      new HarnessError('NCMC_SERVER_START', `the MCP server (${this.mode} mode) ${what}`, {
        details: { exitCode: this.#exitCode, log: [...this.#lines] },
      })
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failure(`was not ready within ${timeoutMs} ms`)), timeoutMs)
    })
    const exit = this.#exited.then(async (code) => {
      await this.#whenLogEnded()
      throw failure(`stopped with exit code ${code ?? 'none'} before it was ready${hintFor(this.#lines)}`)
    })
    try {
      return await Promise.race([promise, timeout, exit])
    } catch (error) {
      await this.stop()
      throw error
    } finally {
      clearTimeout(timer)
      this.#onLine = () => undefined
    }
  }
}

/** What to do where the log tells of a file that a command looked for in the wrong folder. */
function hintFor(lines: readonly string[]): string {
  const missesFile = lines.some((line) =>
    /cannot find module|no such file|can't open file|not found/i.test(line),
  )
  return missesFile
    ? '; it is started in an empty folder of its own: {cwd} in the command stands for yours'
    : ''
}

function spawnWithUmask(
  command: string,
  args: readonly string[],
  input: Pick<LaunchInput, 'env' | 'umask' | 'cwd'>,
): ChildProcess {
  const [program, programArgs] =
    input.umask === undefined
      ? [command, args]
      : [
          '/bin/sh',
          ['-c', 'umask "$0" && exec "$@"', input.umask.toString(8).padStart(3, '0'), command, ...args],
        ]
  return spawn(program, programArgs, {
    env: childEnvironment(input.env),
    cwd: input.cwd,
    // stdin stays open as long as we live: our own server process stops when it closes.
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Our environment without what belongs to the run (it holds secrets) and without the user's own server settings. */
function childEnvironment(env: ServerEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NCMC_|NEXTCLOUD_|PW_|PLAYWRIGHT_|TEST_)/.test(name),
  )
  return { ...Object.fromEntries(inherited), ...env }
}
