import { MutantSet } from '../mutant-set.js'
import type { ServerMutant } from './mutants.js'
import type { Mode, ServerEnv } from './server.js'
import { readConfiguration } from './configuration.js'

export interface ReferenceServerProcessOptions {
  /** Default 0: a free port. */
  readonly port?: number
  readonly host?: string
  readonly mutants?: readonly ServerMutant[]
  /** Where the line `ready <url>` goes. Default stdout. */
  readonly writeOut?: (text: string) => void
  /** Where log lines go. Default stderr. */
  readonly writeLog?: (text: string) => void
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs a reference server as the work of this process, until SIGINT or SIGTERM. Prints `ready <url>` when
 * it answers; a parent process waits for that line.
 *
 * @returns the exit code: 0 after a signal, 1 when the server stopped by itself.
 * @throws {UsageError} and {@link HarnessError} as `startReferenceServer` does.
 */
export async function runReferenceServerProcess(
  mode: Mode,
  env: ServerEnv,
  options: ReferenceServerProcessOptions = {},
): Promise<0 | 1> {
  const writeOut = options.writeOut ?? ((text: string) => process.stdout.write(text))
  const writeLog = options.writeLog ?? ((text: string) => process.stderr.write(text))
  let exit: (how: 'died' | 'stopped') => void = () => undefined
  const exited = new Promise<'died' | 'stopped'>((resolve) => {
    exit = resolve
  })
  let stop = (): Promise<void> | undefined => undefined
  const signalled = new AbortController()
  const onSignal = (): void => {
    signalled.abort()
    void stop()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    const mutants = options.mutants ?? []
    // A wrong variable is told before the server's libraries are loaded.
    readConfiguration(mode, env, new MutantSet(mutants))
    const { startReferenceServer } = await import('./start.js')
    const server = await startReferenceServer({
      mode,
      env,
      port: options.port ?? 0,
      mutants,
      ...(options.host === undefined ? {} : { host: options.host }),
      log: (line) => {
        writeLog(`${line}\n`)
      },
      onExit: exit,
    })
    stop = () => server.stop()
    // The signal came while the server was starting.
    if (signalled.signal.aborted) await stop()
    else writeOut(`ready ${server.url}\n`)
    return (await exited) === 'died' ? 1 : 0
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
