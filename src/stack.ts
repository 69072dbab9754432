import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LaunchSpec } from './engine/handle.js'
import { HarnessError, NcmcError } from './errors.js'
import { Redactor } from './evidence/redactor.js'
import { launchServer } from './launch.js'
import { attachNextcloud } from './nextcloud/attached.js'
import { startContainerNextcloud } from './nextcloud/container/index.js'
import type { ContainerOptions } from './nextcloud/container/options.js'
import { startEmbeddedNextcloud } from './nextcloud/embedded/index.js'
import type { EmbeddedOptions } from './nextcloud/embedded/options.js'
import { PROFILES, type ProfileName } from './nextcloud/embedded/profiles.js'
import type { Nextcloud, NextcloudUser } from './nextcloud/nextcloud.js'
import { addUserEnvironment, learnUserSecrets } from './server-environment.js'
import type { ServerMutant } from './servers/mutants.js'
import { MODES, type Mode, type RunningServer, type ServerEnv } from './servers/server.js'
import { createTemporaryFolder } from './temporary-folder.js'

/** A Nextcloud that exists already. */
export interface AttachedSource {
  readonly url: string
  readonly users: Readonly<Record<'alice' | 'bob', NextcloudUser>>
}

/** Where the server of one mode comes from. */
export type TargetSource = LaunchSpec | { readonly kind: 'url'; readonly url: string }

export interface StackOptions {
  /** Default: an embedded Nextcloud with these options. */
  readonly nextcloud?:
    | { readonly embedded: EmbeddedOptions }
    | { readonly container: ContainerOptions }
    | { readonly attached: AttachedSource }
  /** Servers to start or to use, one per mode. Default: none. */
  readonly targets?: Readonly<Partial<Record<Mode, TargetSource>>>
  /** Whose limits the launched servers must live with. Default: the profile of the embedded Nextcloud. */
  readonly profile?: ProfileName
  readonly serverMutants?: readonly ServerMutant[]
  /** Go on without a server that does not start; `failedTargets` then says why. Default false. */
  readonly tolerateFailedTargets?: boolean
  /** Bound for each server's start, ms. Default 15 000. */
  readonly startupTimeoutMs?: number
  /** Progress of what takes long: images are pulled. */
  readonly stage?: (text: string) => void
  /** Aborts the start of servers in containers. */
  readonly signal?: AbortSignal
}

/** A server of a stack: launched by us, or running elsewhere. */
export interface StackTarget {
  readonly mode: Mode
  /** MCP endpoint. */
  readonly url: string
  readonly source: TargetSource
  /** Absent for servers given by URL. */
  readonly server?: RunningServer
}

/** A Nextcloud and the servers on it, started and stopped together. */
export interface Stack extends AsyncDisposable {
  readonly nextcloud: Nextcloud
  readonly targets: Readonly<Partial<Record<Mode, StackTarget>>>
  /** Why a server is missing; see `tolerateFailedTargets`. */
  readonly failedTargets: Readonly<Partial<Record<Mode, string>>>
  /** Stops the servers, then the Nextcloud, then removes what they left. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts (or attaches) a Nextcloud and the servers under test. What had started is stopped again when a later
 * part fails.
 *
 * @throws {UsageError|HarnessError} as the parts do.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cleanUps: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (let cleanUp = cleanUps.pop(); cleanUp !== undefined; cleanUp = cleanUps.pop()) await cleanUp()
  }
  try {
    if (Object.values(options.targets ?? {}).some(({ kind }) => kind === 'image')) {
      const { sweepServerContainers } = await import('./launch-image.js')
      await sweepServerContainers()
      // Again at the end: what processes of this run left that ended before us.
      cleanUps.push(() => sweepServerContainers())
    }
    const nextcloud = await startNextcloud(options.nextcloud ?? { embedded: {} })
    cleanUps.push(() => nextcloud.stop())
    const targets: Partial<Record<Mode, StackTarget>> = {}
    const failedTargets: Partial<Record<Mode, string>> = {}
    const starts = await Promise.allSettled(
      MODES.map(async (mode) => {
        const target = options.targets?.[mode]
        if (target !== undefined)
          targets[mode] = await startTarget(nextcloud, mode, target, options, cleanUps)
      }),
    )
    for (const [index, start] of starts.entries()) {
      if (start.status === 'fulfilled') continue
      const reason: unknown = start.reason
      if (options.tolerateFailedTargets !== true || !(reason instanceof NcmcError)) throw reason
      failedTargets[MODES[index] as Mode] = reason.message
    }
    return { nextcloud, targets, failedTargets, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startNextcloud(source: NonNullable<StackOptions['nextcloud']>): Promise<Nextcloud> {
  if ('embedded' in source) return startEmbeddedNextcloud(source.embedded)
  if ('container' in source) return startContainerNextcloud(source.container)
  return attachNextcloud(source.attached)
}

async function startTarget(
  nextcloud: Nextcloud,
  mode: Mode,
  source: TargetSource,
  options: StackOptions,
  cleanUps: (() => Promise<void>)[],
): Promise<StackTarget> {
  if (source.kind === 'url') return { mode, url: source.url, source }
  const folder = await createTemporaryFolder()
  cleanUps.push(() => rm(folder, { recursive: true, force: true }))
  const mutants = options.serverMutants ?? []
  const profile = options.profile ?? embeddedProfile(options)
  const server = await launchServer({
    spec: source,
    mode,
    mutants,
    env: addUserEnvironment(serverEnvironment(nextcloud, mode, folder, mutants, profile), source),
    nextcloud,
    cwd: folder,
    startupTimeoutMs: options.startupTimeoutMs ?? 15_000,
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    throw withoutSecrets(error, nextcloud, source)
  })
  cleanUps.push(() => server.stop())
  return { mode, url: server.url, source, server }
}

/** The log that comes with the error may hold what the server was given in its environment. */
function withoutSecrets(error: unknown, nextcloud: Nextcloud, spec: LaunchSpec): unknown {
  if (!(error instanceof HarnessError) || error.code !== 'NCMC_SERVER_START') return error
  const redactor = new Redactor()
  for (const { userId, password } of Object.values(nextcloud.users))
    redactor.learnCredentials(userId, password)
  learnUserSecrets(redactor, spec)
  const details = redactor.value(error.details) as Readonly<Record<string, unknown>>
  return new HarnessError(error.code, error.message, { details, cause: error.cause })
}

function embeddedProfile({ nextcloud }: StackOptions): ProfileName | undefined {
  return nextcloud !== undefined && 'embedded' in nextcloud ? nextcloud.embedded.profile : undefined
}

/**
 * The usual environment of a server on this Nextcloud: alice is the configured user of the basic mode. Where the
 * profile's tokens cannot tell their audience, the server is told to live with it: it could serve nobody otherwise.
 */
export function serverEnvironment(
  nextcloud: Pick<Nextcloud, 'internalUrl' | 'baseUrl' | 'users'>,
  mode: Mode,
  folder: string,
  mutants: readonly ServerMutant[],
  profile?: ProfileName,
): ServerEnv {
  const { alice, bob } = nextcloud.users
  if (mode === 'oauth') {
    return {
      NEXTCLOUD_HOST: nextcloud.internalUrl,
      NEXTCLOUD_OIDC_CLIENT_STORAGE: join(folder, 'nextcloud-oauth-client.json'),
      ...(nextcloud.baseUrl === nextcloud.internalUrl
        ? {}
        : { NEXTCLOUD_PUBLIC_ISSUER_URL: nextcloud.baseUrl }),
      ...(profile !== undefined && PROFILES[profile].quirks.noIntrospection
        ? { NEXTCLOUD_OIDC_UNBOUND_TOKENS: 'accept' }
        : {}),
    }
  }
  return {
    NEXTCLOUD_HOST: nextcloud.internalUrl,
    NEXTCLOUD_USERNAME: alice.userId,
    NEXTCLOUD_PASSWORD: alice.password,
    ...(mutants.includes('s-basic-wrong-user')
      ? { NCMC_MUTANT_USERNAME: bob.userId, NCMC_MUTANT_PASSWORD: bob.password }
      : {}),
  }
}
