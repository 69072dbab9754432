import { rm } from 'node:fs/promises'
import { NotTestableError } from '../catalogue/check.js'
import type { LaunchedTarget, LaunchOptions, OAuthDriver, PrivateStack } from '../catalogue/context.js'
import type { Redactor } from '../evidence/redactor.js'
import { launchServer } from '../launch.js'
import { startEmbeddedNextcloud } from '../nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import type { Mode, ServerEnv } from '../servers/server.js'
import { serverEnvironment } from '../stack.js'
import { createTemporaryFolder } from '../temporary-folder.js'
import { splitMutants, type RunHandle } from './handle.js'

export interface PrivateStackInput {
  readonly handle: RunHandle
  readonly redactor: Redactor
  /** Runs when the cell ends, last added first. */
  readonly defer: (cleanUp: () => Promise<void>) => void
  readonly createDriver: (nextcloud: Nextcloud, defaultResource: () => string | undefined) => OAuthDriver
}

/** Starts a Nextcloud of a cell's own: the run's profile and mutants, and whatever the check asks for. */
export async function startPrivateStack(
  input: PrivateStackInput,
  options: EmbeddedOptions,
): Promise<PrivateStack> {
  const { handle, redactor, defer } = input
  const mutants = splitMutants(handle.mutants)
  const nextcloud = await startEmbeddedNextcloud({
    profile: handle.nextcloud.profile,
    mutants: mutants.nextcloud,
    administratorGrantsJwt: true,
    ...options,
  })
  defer(() => nextcloud.stop())
  for (const user of Object.values(nextcloud.users)) redactor.learnCredentials(user.userId, user.password)

  let resource: string | undefined
  const oauth = input.createDriver(nextcloud, () => resource)

  const temporaryFolder = async (): Promise<string> => {
    const folder = await createTemporaryFolder()
    defer(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  const launch = async (mode: Mode, launchOptions: LaunchOptions = {}): Promise<LaunchedTarget> => {
    const spec = handle.targets[mode]?.launch
    if (spec === undefined) {
      throw new NotTestableError(
        handle.targets[mode] === undefined
          ? `the run has no server in ${mode} mode`
          : `needs to start the server in ${mode} mode itself; it was given by URL`,
      )
    }
    const folder = launchOptions.folder ?? (await temporaryFolder())
    const server = await launchServer({
      spec,
      mode,
      mutants: mutants.server,
      env: mergeEnvironment(
        serverEnvironment(nextcloud, mode, folder, mutants.server, nextcloud.context.profile.name),
        launchOptions.env,
      ),
      cwd: folder,
      startupTimeoutMs: handle.windows.startupTimeoutMs,
      ...(launchOptions.process === undefined ? {} : { process: launchOptions.process }),
      ...(launchOptions.umask === undefined ? {} : { umask: launchOptions.umask }),
    })
    defer(() => server.stop())
    if (mode === 'oauth') resource ??= server.url
    return { mode, url: server.url, server }
  }

  return { nextcloud, oauth, launch, temporaryFolder }
}

function mergeEnvironment(base: ServerEnv, changes: LaunchOptions['env']): ServerEnv {
  const merged = new Map(Object.entries(base))
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === undefined) merged.delete(name)
    else merged.set(name, value)
  }
  return Object.fromEntries(merged) as unknown as ServerEnv
}
