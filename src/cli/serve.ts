import { UsageError } from '../errors.js'
import { SERVER_MUTANTS, type ServerMutant } from '../servers/mutants.js'
import { MODES, type ServerEnv } from '../servers/server.js'
import type { Command } from './command.js'
import { choiceFlag, choicesFlag, portFlag } from './flags.js'

const MUTANTS = Object.keys(SERVER_MUTANTS) as ServerMutant[]

/** Runs a reference server until it is told to stop. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'run a reference MCP server; NEXTCLOUD_* variables configure it',
  flags: [
    { name: 'mode', type: 'string', description: 'how it reaches Nextcloud', choices: MODES },
    {
      name: 'port',
      type: 'string',
      description: 'port on 127.0.0.1; 0 picks a free one',
      placeholder: '<n>',
      defaultText: '0',
    },
    {
      name: 'mutant',
      type: 'array',
      description: 'switch on a deliberate fault (repeatable)',
      placeholder: '<id>',
    },
  ],
  examples: [
    ['serve --mode basic --port 8000', 'with NEXTCLOUD_HOST, NEXTCLOUD_USERNAME, NEXTCLOUD_PASSWORD'],
    ['serve --mode oauth --port 8001', 'with NEXTCLOUD_HOST; it registers its client itself'],
  ],
  async run({ flags, env, io, services }) {
    const mode = choiceFlag(flags, 'mode', MODES)
    if (mode === undefined) throw new UsageError('NCMC_USAGE', '--mode is needed: basic or oauth')
    return services.runReferenceServerProcess(mode, env as unknown as ServerEnv, {
      port: portFlag(flags),
      mutants: choicesFlag(flags, 'mutant', MUTANTS, 'list them with `nc-mcp-conformance list`'),
      writeOut: (text) => io.stdout.write(text),
      writeLog: (text) => io.stderr.write(text),
    })
  },
}
