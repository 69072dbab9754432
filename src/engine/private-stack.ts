import { rm } from 'node:fs/promises'
import { NotTestableError } from '../catalogue/check.js'
import type { LaunchedTarget, LaunchOptions, OAuthDriver, PrivateStack } from '../catalogue/context.js'
import type { Redactor } from '../evidence/redactor.js'
import { launchServer } from '../launch.js'
import { startEmbeddedNextcloud } from '../nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import type { Mode, ServerEnv } from '../servers/server.js'
import { addUserEnvironment, fillIn } from '../server-environment.js'
import { serverEnvironment } from '../stack.js'
import { createTemporaryFolder } from '../temporary-folder.js'
import { splitMutants, type LaunchSpec, type RunHandle } from './handle.js'

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
    if (spec.kind === 'image' && launchOptions.umask !== undefined) {
      throw new NotTestableError(
        `needs the server in ${mode} mode as a process of this machine, to give it a umask; it was given as an image`,
      )
    }
    const folder = launchOptions.folder ?? (await temporaryFolder())
    const server = await launchServer({
      spec,
      mode,
      mutants: mutants.server,
      env: mergeEnvironment(
        addUserEnvironment(
          serverEnvironment(nextcloud, mode, folder, mutants.server, nextcloud.context.profile.name),
          spec,
        ),
        inUsersForm(launchOptions.env, spec, mode),
      ),
      nextcloud,
      cwd: folder,
      startupTimeoutMs: launchOptions.startupTimeoutMs ?? handle.windows.startupTimeoutMs,
      ...(launchOptions.process === undefined ? {} : { process: launchOptions.process }),
      ...(launchOptions.umask === undefined ? {} : { umask: launchOptions.umask }),
      ...(launchOptions.killed === undefined ? {} : { killed: launchOptions.killed }),
    })
    defer(() => server.stop())
    if (mode === 'oauth') resource ??= server.url
    return { mode, url: server.url, server }
  }

  return { nextcloud, oauth, launch, temporaryFolder }
}

/** A server that is told its own address in another form by the user gets the one that a check wants in that form. */
function inUsersForm(changes: LaunchOptions['env'], spec: LaunchSpec, mode: Mode): LaunchOptions['env'] {
  const form = spec.kind === 'reference' ? undefined : spec.env?.['NEXTCLOUD_MCP_SERVER_URL']
  const wanted = changes?.NEXTCLOUD_MCP_SERVER_URL
  if (form === undefined || wanted === undefined) return changes
  const { port, origin } = new URL(wanted)
  const values = { port: Number(port), mode, serverUrl: origin, env: {} }
  return { ...changes, NEXTCLOUD_MCP_SERVER_URL: fillIn(form, values) }
}

function mergeEnvironment(base: ServerEnv, changes: LaunchOptions['env']): ServerEnv {
  const merged = new Map(Object.entries(base))
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === undefined) merged.delete(name)
    else merged.set(name, value)
  }
  return Object.fromEntries(merged) as unknown as ServerEnv
}
