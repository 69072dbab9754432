import type { ExitCode } from '../engine/exit-code.js'
import { packageVersion } from '../package-root.js'
import { baselineCommand } from './baseline.js'
import { parseLine, type Command } from './command.js'
import { compareCommand } from './compare.js'
import { doctorCommand } from './doctor.js'
import { printError } from './errors.js'
import { exitCodeOfEnding } from './exit-code.js'
import { initCommand } from './init.js'
import type { CliIo } from './io.js'
import { listCommand } from './list.js'
import { mergeCommand } from './merge.js'
import { nextcloudCommand } from './nextcloud.js'
import { raceCommand } from './race.js'
import { runCommand } from './run.js'
import { selfTestCommand } from './self-test.js'
import { serveCommand } from './serve.js'
import { SERVICES, type Services } from './services.js'
import { tokenCommand } from './token.js'

/** All commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  initCommand,
  listCommand,
  tokenCommand,
  raceCommand,
  serveCommand,
  nextcloudCommand,
  selfTestCommand,
  compareCommand,
  mergeCommand,
  baselineCommand,
  doctorCommand,
]

/**
 * The whole command line in this process: parses, runs one command, prints errors. Never throws and never ends
 * the process.
 *
 * @param argv arguments after the program's name.
 * @returns the exit code.
 */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  io: CliIo,
  services: Services = SERVICES,
): Promise<ExitCode> {
  try {
    const line = await parseLine(COMMANDS, argv, packageVersion())
    if (line.kind === 'print') {
      io.stdout.write(`${line.text}\n`)
      return 0
    }
    return await line.command.run({ flags: line.flags, env, io, services })
  } catch (error) {
    // What follows from Ctrl-C is no fault to explain.
    if (io.signal.aborted) io.stderr.write('interrupted; everything that was started is stopped\n')
    else printError(error, io.stderr, env)
    return exitCodeOfEnding({ kind: 'error', error })
  }
}
