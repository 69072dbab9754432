import { readRunInput, resolveContainer } from '../config/options.js'
import { UsageError } from '../errors.js'
import type { ContainerOptions } from '../nextcloud/container/options.js'
import type { NextcloudUser } from '../nextcloud/nextcloud.js'
import { flagsOfRun, type Flag, type Flags } from './command.js'
import type { CliIo } from './io.js'

/** Options of a run that say how its Nextcloud in a container is made. */
const CONTAINER_KEYS: readonly string[] = ['nextcloudVersion', 'nextcloudImage', 'database', 'app', 'fresh']

const CONTAINER_RUN_FLAGS = flagsOfRun(({ key }) => CONTAINER_KEYS.includes(key)).map((flag) => ({
  ...flag,
  description: flag.description.replace('--nextcloud container', '--container'),
}))

/** `--container` and what it takes. */
export const CONTAINER_FLAGS: readonly Flag[] = [
  { name: 'container', type: 'boolean', description: 'a real Nextcloud in a container; needs Docker' },
  ...CONTAINER_RUN_FLAGS,
]

/** What only the embedded Nextcloud can do. */
const EMBEDDED_FLAGS = ['profile', 'mutant', 'fault', 'lag', 'seed', 'control']

export interface ContainerInput {
  readonly flags: Flags
  readonly env: NodeJS.ProcessEnv
  readonly io: CliIo
  readonly port: number
  readonly users?: readonly NextcloudUser[]
}

/**
 * Options of the Nextcloud in a container that the flags ask for; `undefined` without `--container`.
 *
 * @throws {UsageError} for flags that only the other kind has.
 */
export async function containerOf(input: ContainerInput): Promise<ContainerOptions | undefined> {
  const { flags, env, io, port, users } = input
  if (flags['container'] !== true) {
    const given = CONTAINER_RUN_FLAGS.find(({ name }) => name !== 'config' && isGiven(flags[name]))
    if (given === undefined) return undefined
    throw new UsageError('NCMC_USAGE', `--${given.name} is for a Nextcloud in a container: add --container`)
  }
  const foreign = EMBEDDED_FLAGS.find((name) => isGiven(flags[name]))
  if (foreign !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `--${foreign} is for the embedded Nextcloud: leave out --container, or --${foreign}`,
    )
  }
  const names = new Set(CONTAINER_RUN_FLAGS.map(({ name }) => name))
  const ours = Object.entries(flags).filter(([name]) => names.has(name))
  const settings = await readRunInput({
    flags: { ...Object.fromEntries(ours), nextcloud: 'container' },
    env,
    cwd: io.cwd,
  })
  return {
    ...resolveContainer(settings),
    ...(users === undefined ? {} : { users }),
    ...(port === 0 ? {} : { port }),
    ...(flags['consent'] === false ? { consent: false } : {}),
    stage: (text) => void io.stderr.write(`${text}\n`),
    signal: io.signal,
  }
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}
