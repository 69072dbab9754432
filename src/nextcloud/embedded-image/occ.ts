import { statSync } from 'node:fs'
import { UsageError } from '../../errors.js'
import { APP_COMMANDS } from './commands/apps.js'
import type { OccCommand } from './commands/command.js'
import { CONFIG_COMMANDS } from './commands/config.js'
import { MAINTENANCE_COMMANDS } from './commands/maintenance.js'
import { USER_COMMANDS } from './commands/users.js'
import { ConsoleError, parseInput } from './console-input.js'
import { readState, stateFile, withLock, writeState } from './image-state.js'
import { install, profileOf, type ImageEnv } from './installation.js'

/** Where an occ runs. */
export interface OccEnvironment {
  /** Folder of the instance, `/var/www/html`. */
  readonly webRoot: string
  readonly env: ImageEnv
  /** Who runs it; the state's owner only may. */
  readonly uid: number
  /** Write a line each. */
  readonly say: (line: string) => void
  readonly complain: (line: string) => void
}

const COMMANDS: readonly OccCommand[] = [
  ...APP_COMMANDS,
  ...CONFIG_COMMANDS,
  ...MAINTENANCE_COMMANDS,
  ...USER_COMMANDS,
]

/**
 * Nextcloud's `occ`, as far as a set-up needs it, on the saved state of the image.
 *
 * @param args what follows `php occ`.
 * @returns the exit code.
 */
export function runOcc(args: readonly string[], environment: OccEnvironment): number {
  try {
    return run(args, environment)
  } catch (error) {
    if (!(error instanceof ConsoleError) && !(error instanceof UsageError)) throw error
    environment.complain(`\n  ${error.message}  \n`)
    return 1
  }
}

function run(args: readonly string[], environment: OccEnvironment): number {
  const { webRoot, env, say, complain } = environment
  const profile = profileOf(env)
  const at = args.findIndex((arg) => !arg.startsWith('-'))
  const rest = args.filter((_, index) => index !== at)
  if (rest.includes('-V') || rest.includes('--version')) {
    say(`Nextcloud ${profile.nextcloudVersion}`)
    return 0
  }
  const name = args[at] ?? 'list'
  if (name === 'list') {
    for (const command of COMMANDS) say(`  ${command.name}`)
    return 0
  }
  if (readState(webRoot) === undefined) return beforeInstallation(name, environment)
  const owner = statSync(stateFile(webRoot)).uid
  if (owner !== environment.uid) {
    say('Console has to be executed with the user that owns the file config/config.php')
    say(`Current user id: ${environment.uid}`)
    say(`Owner id of config.php: ${owner}`)
    return 1
  }
  const command = COMMANDS.find((known) => known.name === name)
  if (command === undefined) throw new ConsoleError(`Command "${name}" is not defined.`)
  const input = parseInput(rest, command)
  return withLock(webRoot, () => {
    const state = readState(webRoot)
    if (state === undefined) throw new ConsoleError('The state of the instance is gone.')
    const before = JSON.stringify(state)
    const exitCode = command.run({ input, state, profile, webRoot, env, say, complain })
    if (JSON.stringify(state) !== before) writeState(webRoot, state)
    return exitCode
  })
}

function beforeInstallation(name: string, { webRoot, env, say, complain }: OccEnvironment): number {
  complain('Nextcloud is not installed - only a limited number of commands are available')
  if (name === 'status') {
    say('  - installed: false')
    return 0
  }
  if (name !== 'maintenance:install') throw new ConsoleError(`Command "${name}" is not defined.`)
  install(webRoot, env)
  say('Nextcloud was successfully installed')
  return 0
}
