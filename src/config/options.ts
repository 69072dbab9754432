import type { RunSettings } from '../engine/prepare.js'
import { UsageError, quoteUntrusted } from '../errors.js'
import { parseAppSpec, type ContainerOptions } from '../nextcloud/container/options.js'
import type { NextcloudUser } from '../nextcloud/nextcloud.js'
import { USUAL_REPORTERS, type Reporter } from '../reporter-names.js'
import { readBaselineFile } from './baseline-file.js'
import { findConfigFile, readConfigFile } from './config-file.js'
import { nearestName, unknownName } from './names.js'
import { parseShard } from './shard.js'
import { LIST_HINT, originOf, readOptions } from './read-options.js'
import type { OptionKey, RunInput } from './schema.js'
import { valuesOfEnvironment, valuesOfFile, valuesOfFlags, type SourcedValue } from './sources.js'
import { parseHttpUrl } from './http-url.js'
import { resolveTargets } from './targets.js'

/** Everything a run is told: what the engine needs, and what the command line does around it. Frozen. */
export interface RunOptions {
  readonly settings: RunSettings
  readonly reportDir: string
  readonly workers: number
  readonly quiet: boolean
  readonly reporters: readonly Reporter[]
  /** Name of the configuration file. */
  readonly configFile?: string
}

export interface OptionSources {
  /** Flag name without dashes to its text, truth or list of texts. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  /** Where a configuration file is looked for. */
  readonly cwd: string
}

/**
 * Merges defaults < file < environment < flags; each option comes from one source, lists are not joined.
 *
 * @param checkIds ids of the whole catalogue; default: checks are not looked up.
 * @throws {UsageError} for unknown names and wrong values, naming them as the user did.
 */
export async function readRunInput(sources: OptionSources, checkIds?: readonly string[]): Promise<RunInput> {
  const path = configFileName(sources)
  const file = await readConfigFile({ cwd: sources.cwd, ...(path === undefined ? {} : { path }) })
  const merged = new Map<OptionKey, SourcedValue>([
    ...valuesOfFile(file),
    ...valuesOfEnvironment(sources.env),
    ...valuesOfFlags(sources.flags),
  ])
  const input = readOptions(merged)
  const unknown = input.check.find((id) => checkIds?.includes(id) === false)
  if (unknown !== undefined) {
    throw unknownName(`${originOf('check', merged)}: there is no check`, unknown, checkIds ?? [], LIST_HINT)
  }
  return input
}

/**
 * The configuration file as the user names it; `undefined` without one.
 *
 * @throws {UsageError} when several lie in the folder and none is named.
 */
export function configFileName({ flags, env, cwd }: OptionSources): string | undefined {
  const { config } = flags
  if (Array.isArray(config))
    throw new UsageError('NCMC_USAGE', `--config was given ${config.length} times; it takes one value`)
  const named = typeof config === 'string' ? config : (env['NCMC_CONFIG'] ?? '')
  return named === '' ? findConfigFile(cwd) : named
}

/**
 * The options of a run.
 *
 * @param checkIds ids of the whole catalogue.
 * @throws {UsageError} as {@link readRunInput} does, and for options that exclude each other.
 */
export async function resolveRunOptions(
  sources: OptionSources,
  checkIds: readonly string[],
): Promise<RunOptions> {
  const input = await readRunInput(sources, checkIds)
  const file = configFileName(sources)
  const { targets, nextcloud } = resolveStack(input, sources.env, sources.cwd, file)
  const shard = input.shard === undefined ? undefined : parseShard(input.shard)
  const baseline = await namedBaseline(input.baseline, sources.cwd)
  return deepFreeze({
    settings: {
      nextcloud,
      profile: input.profile,
      targets,
      suites: input.suite,
      checks: input.check,
      ...(shard === undefined ? {} : { shard }),
      ...(baseline === undefined ? {} : { baseline }),
      userAgent: input.userAgent,
      tokenFormat: input.tokenFormat,
      mutants: input.mutant,
      revision: input.revision,
      windows: {
        clockSkewSeconds: input.clockSkewSeconds,
        revocationSeconds: input.revocationSeconds,
        upstreamTimeoutMs: input.upstreamTimeoutMs,
        startupTimeoutMs: input.startupTimeoutMs,
      },
    },
    reportDir: input.reportDir,
    workers: input.workers,
    quiet: input.quiet,
    reporters: reportersOf(input, sources.env),
    ...(file === undefined ? {} : { configFile: file }),
  })
}

/** The chosen reporters, else the usual ones, and GitHub's where GitHub Actions runs us. */
export function reportersOf(
  { reporter }: Pick<RunInput, 'reporter'>,
  env: NodeJS.ProcessEnv,
): readonly Reporter[] {
  if (reporter.length > 0) return reporter
  return env['GITHUB_ACTIONS'] === 'true' ? [...USUAL_REPORTERS, 'github'] : USUAL_REPORTERS
}

/**
 * The servers and the Nextcloud that options ask for.
 *
 * @param file name of the configuration file, for errors.
 * @throws {UsageError} for options that exclude each other.
 */
export function resolveStack(
  input: RunInput,
  env: NodeJS.ProcessEnv,
  cwd: string,
  file: string | undefined,
): Pick<RunSettings, 'targets' | 'nextcloud'> {
  const targets = resolveTargets(input, env, cwd, file)
  const nextcloud = resolveNextcloud(input)
  refuseWhatCannotWork(input, targets, nextcloud)
  return { targets, nextcloud }
}

async function namedBaseline(file: string | undefined, cwd: string): Promise<RunSettings['baseline']> {
  if (file === undefined) return undefined
  const { rows } = await readBaselineFile(file, '--baseline', { cwd })
  return { file, rows }
}

/**
 * The Nextcloud of a run: `embedded`, one in a container, or one that runs, with the passwords of its users.
 *
 * @throws {UsageError} when it is neither, or a password is missing.
 */
export function resolveNextcloud(
  input: Pick<RunInput, 'nextcloud' | 'alice' | 'bob' | 'alicePassword' | 'bobPassword' | ContainerInputKey>,
): RunSettings['nextcloud'] {
  if (input.nextcloud !== 'container') refuseContainerOptions(input)
  if (input.nextcloud === 'embedded' || input.nextcloud === 'container') {
    if (input.alice !== 'alice' || input.bob !== 'bob') {
      throw new UsageError(
        'NCMC_USAGE',
        '--alice and --bob are for an attached Nextcloud: add --nextcloud <url>',
      )
    }
    return input.nextcloud === 'embedded' ? 'embedded' : { container: resolveContainer(input) }
  }
  if (!URL.canParse(input.nextcloud)) {
    const nearest = nearestName(input.nextcloud, ['embedded', 'container'])
    const suggestion = nearest === undefined ? '' : `; did you mean ${nearest}?`
    throw new UsageError('NCMC_USAGE', `--nextcloud must be embedded, container or a URL${suggestion}`)
  }
  if (input.alice === input.bob) {
    throw new UsageError('NCMC_USAGE', '--alice and --bob must be two different users')
  }
  return {
    url: parseHttpUrl(input.nextcloud, '--nextcloud'),
    users: {
      alice: attachedUser(input.alice, input.alicePassword, 'NCMC_ALICE_PASSWORD'),
      bob: attachedUser(input.bob, input.bobPassword, 'NCMC_BOB_PASSWORD'),
    },
  }
}

type ContainerInputKey = 'nextcloudVersion' | 'nextcloudImage' | 'database' | 'app' | 'fresh'
type ContainerInput = Pick<RunInput, ContainerInputKey>

/** @throws {UsageError} for options that exclude each other, and for an app that cannot be read. */
export function resolveContainer(input: ContainerInput): ContainerOptions {
  if (input.nextcloudImage !== undefined && input.nextcloudVersion !== undefined) {
    throw new UsageError('NCMC_USAGE', '--nextcloud-image and --nextcloud-version exclude each other')
  }
  return {
    apps: input.app.map(parseAppSpec),
    fresh: input.fresh,
    ...(input.nextcloudVersion === undefined ? {} : { version: input.nextcloudVersion }),
    ...(input.nextcloudImage === undefined ? {} : { image: input.nextcloudImage }),
    ...(input.database === undefined ? {} : { database: input.database }),
  }
}

function refuseContainerOptions(input: ContainerInput): void {
  const given = [
    ['--nextcloud-version', input.nextcloudVersion !== undefined],
    ['--nextcloud-image', input.nextcloudImage !== undefined],
    ['--database', input.database !== undefined],
    ['--app', input.app.length > 0],
    ['--fresh', input.fresh],
  ].find(([, isGiven]) => isGiven)
  if (given !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${String(given[0])} is for a Nextcloud in a container: add --nextcloud container`,
    )
  }
}

function attachedUser(userId: string, password: string | undefined, variable: string): NextcloudUser {
  if (password === undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${variable} is not set: an attached Nextcloud needs the password of its user ${quoteUntrusted(userId)}`,
    )
  }
  return { userId, password, displayName: userId, email: '' }
}

function refuseWhatCannotWork(
  input: RunInput,
  targets: RunSettings['targets'],
  nextcloud: RunSettings['nextcloud'],
): void {
  const kinds = Object.values(targets).map(({ kind }) => kind)
  if ((nextcloud === 'embedded' || 'container' in nextcloud) && kinds.includes('url')) {
    const way =
      nextcloud === 'embedded'
        ? ''
        : '; keep one in a container running with `nextcloud --container --port 8080`, let the server use it, and then `run --nextcloud http://localhost:8080`'
    throw new UsageError(
      'NCMC_USAGE',
      `--server-url needs --nextcloud <url>: the Nextcloud that the server already uses${way}`,
    )
  }
  const foreign = input.mutant.find(
    (id) =>
      (id.startsWith('n-') && nextcloud !== 'embedded') ||
      (id.startsWith('s-') && !kinds.includes('reference')),
  )
  if (foreign !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `--mutant ${foreign}: only the embedded Nextcloud and the reference servers have mutants`,
    )
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
