import type { SuiteName, Mutant } from '../catalogue/check.js'
import type { TokenFormat, UserName, Windows } from '../catalogue/context.js'
import { HarnessError } from '../errors.js'
import { logLines } from '../evidence/log-lines.js'
import { Redactor } from '../evidence/redactor.js'
import { connectMcp } from '../mcp/client.js'
import type { NextcloudInfo } from '../nextcloud/nextcloud.js'
import type { NextcloudMutant } from '../nextcloud/embedded/mutants.js'
import type { ContainerOptions } from '../nextcloud/container/options.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import type { RunReport } from '../report/model.js'
import { ALL_SCOPES } from '../servers/scopes.js'
import type { Mode, Revision } from '../servers/server.js'
import {
  startStack,
  type AttachedSource,
  type Stack,
  type StackOptions,
  type StackTarget,
  type TargetSource,
} from '../stack.js'
import { learnUserSecrets } from '../server-environment.js'
import { sweepTemporaryFolders } from '../temporary-folder.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { announcedScope } from './announced-scope.js'
import type { NamedBaseline } from './baseline.js'
import { splitMutants, type RunHandle, type TargetHandle } from './handle.js'
import type { Shard } from './plan.js'
import { mintRunTokens, type MintedRunTokens, type RunToken } from './run-tokens.js'

/** What a run is about. `config/` makes it from flags, environment and files. */
export interface RunSettings {
  readonly nextcloud: 'embedded' | { readonly container: ContainerOptions } | AttachedSource
  /** Profile of the embedded Nextcloud; for others: whose known deviations apply. */
  readonly profile: ProfileName
  readonly targets: Readonly<Partial<Record<Mode, TargetSource>>>
  /** Empty = all. */
  readonly suites: readonly SuiteName[]
  /** Check ids; empty = all. */
  readonly checks: readonly string[]
  /** The part of the selected cells to run. Default: all of them. */
  readonly shard?: Shard
  /** Findings that are accepted. */
  readonly baseline?: NamedBaseline
  readonly userAgent: UserAgent['kind']
  /** Which access tokens the server is meant to accept. */
  readonly tokenFormat: 'any' | TokenFormat
  readonly mutants: readonly Mutant[]
  readonly revision: Revision
  readonly windows: Windows
}

export const DEFAULT_WINDOWS: Windows = {
  clockSkewSeconds: 60,
  revocationSeconds: 300,
  upstreamTimeoutMs: 15_000,
  startupTimeoutMs: 15_000,
}

/** A started stack with the tokens of the run: everything that cells need, and what reports say about it. */
export interface PreparedRun extends AsyncDisposable {
  readonly handle: RunHandle
  readonly redactor: Redactor
  readonly stack: Stack
  readonly info: NextcloudInfo
  readonly userAgentVersion: string
  readonly tokens: RunReport['tokens']
  /** What the servers say about themselves. Asks each of them. */
  describeTargets(): Promise<RunReport['targets']>
  /** The last lines of the logs of what was started. */
  logs(): Promise<NonNullable<RunReport['logs']>>
  /** PNG files that the token evidence names. */
  readonly screenshots: ReadonlyMap<string, Uint8Array>
}

export interface PrepareUi {
  /** One line of progress. */
  stage(text: string): void
}

/**
 * Starts what the settings ask for and mints the run's tokens as alice and bob. Stops everything again when a
 * part fails.
 *
 * @throws {UsageError|HarnessError} as the parts do.
 */
export async function prepareRun(
  settings: RunSettings,
  ui: PrepareUi,
  signal?: AbortSignal,
): Promise<PreparedRun> {
  await sweepTemporaryFolders()
  const mutants = splitMutants(settings.mutants)
  if (settings.nextcloud === 'embedded') ui.stage(`starting the embedded Nextcloud (${settings.profile})`)
  else if ('url' in settings.nextcloud) ui.stage(`attaching ${settings.nextcloud.url}`)
  const stack = await startStack({
    nextcloud: nextcloudSource(settings, mutants.nextcloud, ui, signal),
    targets: settings.targets,
    profile: settings.profile,
    // A mutant may keep a server from starting: its checks are then not testable, and the run goes on.
    tolerateFailedTargets: settings.mutants.length > 0,
    serverMutants: mutants.server,
    startupTimeoutMs: settings.windows.startupTimeoutMs,
    stage: (text) => {
      ui.stage(text)
    },
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    const redactor = new Redactor()
    for (const target of Object.values(settings.targets))
      if (target.kind !== 'url') learnUserSecrets(redactor, target)
    for (const user of Object.values(stack.nextcloud.users))
      redactor.learnCredentials(user.userId, user.password)
    const oauthTarget = stack.targets.oauth
    const scope = oauthTarget === undefined ? undefined : await scopeFor(oauthTarget, settings.revision)
    const minted =
      oauthTarget === undefined || scope === undefined
        ? NO_TOKENS
        : await mintRunTokens({
            nextcloud: stack.nextcloud,
            resource: oauthTarget.url,
            scope,
            userAgent: settings.userAgent,
            callbackMutants: [],
            redactor,
            stage: (text) => {
              ui.stage(text)
            },
          }).catch((error: unknown) => {
            if (settings.mutants.length === 0 || !(error instanceof HarnessError)) throw error
            return { ...NO_TOKENS, unavailable: error.message }
          })
    const handle = makeHandle(settings, stack, redactor, minted, scope)
    return {
      handle,
      redactor,
      stack,
      info: await stack.nextcloud.info(),
      userAgentVersion: minted.userAgentVersion,
      tokens: minted.tokens.map(({ accessToken: _, ...reported }) => reported),
      describeTargets: () =>
        Promise.all(
          Object.values(stack.targets).map((target) => describeTarget(target, settings, minted.tokens)),
        ),
      logs: () => collectLogs(stack, redactor),
      screenshots: minted.screenshots,
      [Symbol.asyncDispose]: () => stack.stop(),
    }
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** What a token needs for everything at a server. Ours need not be asked, which keeps its mutants out of it. */
function scopeFor({ url, source }: StackTarget, revision: Revision): Promise<string> {
  return source.kind === 'reference' ? Promise.resolve(ALL_SCOPES.join(' ')) : announcedScope(url, revision)
}

function nextcloudSource(
  { nextcloud, profile }: RunSettings,
  mutants: readonly NextcloudMutant[],
  ui: PrepareUi,
  signal: AbortSignal | undefined,
): NonNullable<StackOptions['nextcloud']> {
  if (nextcloud === 'embedded') {
    // All checks of a run share one instance: together they may have more clients than its profile allows.
    const maxDynamicClients = Infinity
    return { embedded: { profile, mutants, administratorGrantsJwt: true, maxDynamicClients } }
  }
  if ('url' in nextcloud) return { attached: nextcloud }
  const stage = (text: string): void => {
    ui.stage(text)
  }
  return { container: { ...nextcloud.container, stage, ...(signal === undefined ? {} : { signal }) } }
}

/** Where checks can start a Nextcloud of their own from the run's snapshot: with which options. */
function privateContainerOptions(
  nextcloud: RunSettings['nextcloud'],
): Pick<RunHandle['nextcloud'], 'container'> {
  if (nextcloud === 'embedded' || 'url' in nextcloud || nextcloud.container.fresh === true) return {}
  const { version, image, database, databaseImage, redisImage, apps } = nextcloud.container
  return {
    container: {
      version,
      image,
      database,
      databaseImage,
      redisImage,
      apps: apps?.map((app) => ({ ...app })),
    },
  }
}

async function collectLogs(stack: Stack, redactor: Redactor): Promise<NonNullable<RunReport['logs']>> {
  // Evidence that cannot be had is no reason to lose the rest.
  const nextcloud = (await stack.nextcloud.logs?.().catch(() => '')) ?? ''
  const raw = [
    { source: 'nextcloud' as const, lines: nextcloud.split('\n') },
    ...Object.values(stack.targets).map(({ mode, server }) => ({
      source: mode,
      lines: server?.logs() ?? [],
    })),
  ]
  return raw
    .map(({ source, lines }) => ({ source, lines: [...logLines(lines, redactor)] }))
    .filter(({ lines }) => lines.length > 0)
}

type RunTokens = MintedRunTokens & { readonly unavailable?: string }

const NO_TOKENS: RunTokens = { tokens: [], screenshots: new Map(), userAgentVersion: 'not used' }

function makeHandle(
  settings: RunSettings,
  stack: Stack,
  redactor: Redactor,
  { tokens, unavailable }: RunTokens,
  scope: string | undefined,
): RunHandle {
  const { nextcloud, targets } = stack
  const targetHandle = (mode: Mode): TargetHandle | undefined => {
    const source = settings.targets[mode]
    return (
      source && {
        mode,
        // A server that failed to start has no address; `unavailable` says why before anybody asks for it.
        url: targets[mode]?.url ?? 'http://127.0.0.1:9/mcp',
        ...(source.kind === 'url' ? {} : { launch: source }),
        ...(mode === 'oauth' && scope !== undefined ? { scope } : {}),
      }
    )
  }
  return {
    redactionKeyHex: redactor.keyHex(),
    nextcloud: {
      kind: nextcloud.kind,
      profile: settings.profile,
      baseUrl: nextcloud.baseUrl,
      internalUrl: nextcloud.internalUrl,
      ...privateContainerOptions(settings.nextcloud),
    },
    users: { alice: { ...nextcloud.users.alice }, bob: { ...nextcloud.users.bob } },
    targets: {
      basic: targetHandle('basic'),
      oauth: targetHandle('oauth'),
    },
    unavailable: {
      ...stack.failedTargets,
      ...(unavailable === undefined ? {} : { tokens: unavailable }),
    },
    tokens: Object.fromEntries(
      tokens.map((token) => [`${token.user}:${token.format}`, { accessToken: token.accessToken }]),
    ),
    userAgent: settings.userAgent,
    tokenFormat: settings.tokenFormat,
    revision: settings.revision,
    mutants: [...settings.mutants],
    windows: { ...settings.windows },
    suites: [...settings.suites],
    checks: [...settings.checks],
    ...(settings.shard === undefined ? {} : { shard: { ...settings.shard } }),
  }
}

/** Name and version of a server, where it tells; a server that refuses to initialize is judged by the checks. */
async function describeTarget(
  target: StackTarget,
  { revision, tokenFormat }: RunSettings,
  tokens: readonly RunToken[],
): Promise<RunReport['targets'][number]> {
  const token = tokens.find(
    ({ user, format }) =>
      user === ('alice' satisfies UserName) && (tokenFormat === 'any' || format === tokenFormat),
  )?.accessToken
  const serverInfo = await connectMcp(target.url, {
    revision,
    fetch,
    timeoutMs: 5_000,
    ...(target.mode === 'oauth' && token !== undefined ? { token } : {}),
  }).then(
    async (connection) => {
      const info = connection.serverInfo
      await connection.close().catch(() => undefined)
      return info
    },
    () => undefined,
  )
  return {
    mode: target.mode,
    kind: target.source.kind,
    url: target.url,
    revision,
    ...(serverInfo === undefined
      ? {}
      : { serverInfo: { name: serverInfo.name, version: serverInfo.version } }),
  }
}
