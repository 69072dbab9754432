import { UsageError } from '../errors.js'
import type { ServerMutant } from '../servers/mutants.js'
import { runReferenceServerProcess } from '../servers/process.js'
import { MODES, type ServerEnv } from '../servers/server.js'
import { printError } from './errors.js'
import { exitCodeOfEnding } from './exit-code.js'

/**
 * What the image of the reference servers runs (docker/mcp-server): MODE, PORT (default 8000) and NCMC_MUTANTS (ids,
 * separated by commas) say which server, the rest of the environment is that of `serve`. It listens on all addresses of
 * its container.
 */
async function run(): Promise<0 | 1> {
  const mode = MODES.find((known) => known === (process.env['MODE'] ?? 'basic'))
  if (mode === undefined) throw new UsageError('NCMC_USAGE', `MODE must be ${MODES.join(' or ')}`)
  const mutants = (process.env['NCMC_MUTANTS'] ?? '').split(',').filter((id) => id !== '') as ServerMutant[]
  return runReferenceServerProcess(mode, process.env as unknown as ServerEnv, {
    host: '0.0.0.0',
    port: Number(process.env['PORT'] ?? 8000),
    mutants,
  })
}

process.exitCode = await run().catch((error: unknown) => {
  printError(error, process.stderr, process.env)
  return exitCodeOfEnding({ kind: 'error', error })
})
process.exit()
