import { HarnessError } from '../../errors.js'
import type { LaunchedTarget, LaunchOptions, PrivateStack } from '../context.js'
import type { Mode } from '../../servers/server.js'

/** What became of starting a server under test with an environment that it may well refuse. */
export type StartAttempt =
  | { readonly kind: 'started'; readonly target: LaunchedTarget; readonly log: () => readonly string[] }
  /** It ended by itself. `exitCode` is `null` after a signal. */
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly log: () => readonly string[] }
  /** It neither answered nor ended within the start-up window. */
  | { readonly kind: 'hung'; readonly log: () => readonly string[] }

/**
 * Starts the server as a process of its own and tells how that went.
 *
 * @throws NotTestableError when this target cannot be launched at all.
 */
export async function attemptStart(
  stack: Pick<PrivateStack, 'launch'>,
  mode: Mode,
  env: NonNullable<LaunchOptions['env']>,
  options: Omit<LaunchOptions, 'env' | 'process'> = {},
): Promise<StartAttempt> {
  try {
    const target = await stack.launch(mode, { ...options, process: true, env })
    return { kind: 'started', target, log: () => target.server.logs() }
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== 'NCMC_SERVER_START') throw error
    const { exitCode, log } = error.details
    const lines = Array.isArray(log) ? log.map(String) : []
    if (exitCode === undefined) return { kind: 'hung', log: () => lines }
    return { kind: 'ended', exitCode: typeof exitCode === 'number' ? exitCode : null, log: () => lines }
  }
}
