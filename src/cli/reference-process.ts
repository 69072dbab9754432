import { MUTANT_LINE_PREFIX, onMutantAsked, TELL_MUTANTS } from '../mutant-set.js'
import type { ServerMutant } from '../servers/mutants.js'
import { runReferenceServerProcess } from '../servers/process.js'
import type { Mode, ServerEnv } from '../servers/server.js'
import { printError } from './errors.js'
import { exitCodeOfEnding } from './exit-code.js'

const LINGER_MS = 2_000
/**
 * What `serve` does, for our own use: `node reference-process.js <mode> [mutant…]`. Checks start it many times, so it
 * loads nothing else of the command line.
 */
const [mode = 'basic', ...mutants] = process.argv.slice(2)

// Whoever started us is gone, so nobody is left to stop us in order or to read an exit code.
process.stdin.once('end', () => process.exit(0)).resume()
if (process.env[TELL_MUTANTS] === '1') {
  const told = new Set<string>()
  onMutantAsked((mutant) => {
    if (told.has(mutant)) return
    told.add(mutant)
    process.stderr.write(`${MUTANT_LINE_PREFIX}${mutant}\n`)
  })
}
const env = process.env as unknown as ServerEnv
process.exitCode = await runReferenceServerProcess(mode as Mode, env, {
  mutants: mutants as ServerMutant[],
}).catch((error: unknown) => {
  printError(error, process.stderr, process.env)
  return exitCodeOfEnding({ kind: 'error', error })
})
process.stdin.destroy()
// Nothing may keep the process now: not even a socket that a library forgot.
setTimeout(() => process.exit(), LINGER_MS).unref()
