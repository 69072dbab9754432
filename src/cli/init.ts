import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Config } from '../config/define-config.js'
import { findConfigFile } from '../config/config-file.js'
import { UsageError } from '../errors.js'
import { writeWhole } from '../report/write-whole.js'
import { flagsOfRun, type Command, type CommandContext } from './command.js'
import { choiceFlag } from './flags.js'
import { githubWorkflow, WORKFLOW_FILE } from './github-workflow.js'
import {
  checkConfig,
  configOfFlags,
  isForProject,
  renderJsonConfig,
  renderTypeScriptConfig,
} from './init-config.js'
import type { InitAnswers } from './init-questions.js'
import { schemaReference } from './schema-reference.js'

const FORMATS = ['ts', 'json'] as const
const STEM = 'nc-mcp-conformance.config'

/** Writes a configuration file, and on demand a workflow. */
export const initCommand: Command = {
  name: 'init',
  summary: 'write a configuration file for your server, from flags or from questions on a terminal',
  flags: [
    {
      name: 'format',
      type: 'string',
      description: 'kind of file',
      choices: FORMATS,
      defaultText: 'ts',
    },
    { name: 'github', type: 'boolean', description: `also write ${WORKFLOW_FILE}` },
    { name: 'force', type: 'boolean', description: 'replace files that are there' },
    ...flagsOfRun(({ key }) => isForProject(key)).filter(({ name }) => name !== 'config'),
  ],
  examples: [
    ['init', 'asks, on a terminal'],
    [
      "init --server-command 'node {{cwd}}/server.js --port {{port}}' --mode oauth --github",
      'without questions',
    ],
    [
      'init --nextcloud https://cloud.example --server-url oauth=https://mcp.example/mcp --format json',
      'a server that runs',
    ],
  ],
  async run(context) {
    const { flags, env, io } = context
    const format = choiceFlag(flags, 'format', FORMATS)
    const answers = await answersOf(context)
    if (answers === undefined) {
      io.stderr.write('stopped; nothing was written\n')
      return 3
    }
    const { config } = answers
    const kind = format ?? answers.format
    const file = `${STEM}.${kind}`
    checkConfig(config, file, env, io.cwd)
    const files = filesOf(config, file, kind, answers.github || flags['github'] === true, io.cwd)
    if (flags['force'] !== true) refuseToReplace(files, file, io.cwd)
    for (const [name, content] of files) await write(name, content, io.cwd)
    io.stdout.write(nextSteps(config, [...files.keys()]))
    return 0
  },
}

/** Flags, else questions where somebody can answer. */
async function answersOf({ flags, env, io, services }: CommandContext): Promise<InitAnswers | undefined> {
  const config = configOfFlags(flags)
  const isSaid = config.targets !== undefined || config.server !== undefined
  if (isSaid) return { config, format: 'ts', github: false }
  const canAsk = io.stdin.isTTY === true && io.stdout.isTTY === true && (env['CI'] ?? '') === ''
  if (!canAsk) {
    throw new UsageError(
      'NCMC_USAGE',
      'init: nobody can be asked here, and no flag says how to reach the server; add --server-command, --server-image or --server-url, or --server reference to try the toolkit',
    )
  }
  const answers = await services.askForInit(io.signal)
  return answers && { ...answers, config: { ...answers.config, ...config } }
}

function filesOf(
  config: Config,
  file: string,
  kind: (typeof FORMATS)[number],
  github: boolean,
  cwd: string,
): ReadonlyMap<string, string> {
  const text =
    kind === 'ts'
      ? renderTypeScriptConfig(config)
      : renderJsonConfig(config, schemaReference(file, 'config.schema.json', cwd))
  const { baseline } = config
  const needsBaseline = baseline !== undefined && !existsSync(resolve(cwd, baseline))
  return new Map([
    [file, text],
    ...(needsBaseline ? [[baseline, emptyBaseline(baseline, cwd)] as const] : []),
    ...(github ? [[WORKFLOW_FILE, githubWorkflow(config)] as const] : []),
  ])
}

function emptyBaseline(file: string, cwd: string): string {
  return `${JSON.stringify({ $schema: schemaReference(file, 'baseline.schema.json', cwd), rows: [] }, null, 2)}\n`
}

/** A second configuration file would keep `run` from starting. */
function refuseToReplace(files: ReadonlyMap<string, string>, file: string, cwd: string): void {
  const other = findConfigFile(cwd)
  if (other !== undefined && other !== file)
    throw new UsageError('NCMC_USAGE', `init: ${other} is there already; remove it first, or edit it`)
  const present = [...files.keys()].find((name) => existsSync(resolve(cwd, name)))
  if (present !== undefined)
    throw new UsageError('NCMC_USAGE', `init: ${present} is there already; --force replaces it`)
}

async function write(name: string, content: string, cwd: string): Promise<void> {
  const path = resolve(cwd, name)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeWhole(path, content)
  } catch (cause) {
    throw new UsageError('NCMC_USAGE', `init: ${name} cannot be written`, { cause })
  }
}

function nextSteps(config: Config, files: readonly string[]): string {
  const { nextcloud = 'embedded', baseline } = config
  const isAttached = nextcloud !== 'embedded' && nextcloud !== 'container'
  const lines = [
    `wrote ${files.join(', ')}`,
    '',
    'next:',
    ...(isAttached
      ? ['  export NCMC_ALICE_PASSWORD=… NCMC_BOB_PASSWORD=…   # passwords of the two test users']
      : []),
    '  npx nc-mcp-conformance doctor    # what is missing on this machine',
    '  npx nc-mcp-conformance           # judges the server; see nc-mcp-conformance-report/index.html',
    ...(baseline === undefined
      ? []
      : [
          `  npx nc-mcp-conformance baseline update --from ${config.reportDir ?? 'nc-mcp-conformance-report'} --baseline ${baseline} --reason '…'`,
        ]),
    '',
    ...(files.includes(WORKFLOW_FILE)
      ? ['commit the files: GitHub judges the server on every push and pull request']
      : [`in a GitHub workflow (\`init --github\` writes ${WORKFLOW_FILE}):`, '', githubWorkflow(config)]),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
