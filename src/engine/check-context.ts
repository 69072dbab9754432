import { NotTestableError, type Check, type CellMode } from '../catalogue/check.js'
import { TOKEN_FORMATS, type CheckContext, type OAuthDriver } from '../catalogue/context.js'
import { EvidenceRecorder } from '../evidence/recorder.js'
import type { Redactor } from '../evidence/redactor.js'
import { connectMcp } from '../mcp/client.js'
import { createProbe } from '../mcp/probe.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import { CallbackServer } from '../oauth/callback-server.js'
import { createUserAgent } from '../user-agent/index.js'
import { openPersonSession } from '../user-agent/person-session.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { splitMutants, type RunHandle } from './handle.js'
import { createOAuthDriver } from './oauth-driver.js'
import { startOwnNextcloud } from './own-nextcloud.js'
import { startPrivateStack } from './private-stack.js'

/** The context of one cell, and what the engine needs around it. */
export interface CellContext {
  readonly ctx: CheckContext
  readonly recorder: EvidenceRecorder
  /** Stops and removes what the cell made, last made first. Failures are collected, not thrown. */
  readonly cleanUp: () => Promise<readonly unknown[]>
}

/**
 * Makes the only thing a check gets to see. Everything it opens through it is closed by `cleanUp()`.
 *
 * @param options.userAgent the agent of the run's kind that outlives the cell; default: one of the cell's own.
 * @param options.onSharedUse called when the check uses a server or a token of the run.
 */
export function createCellContext(
  check: Check,
  mode: CellMode,
  handle: RunHandle,
  redactor: Redactor,
  options: { readonly userAgent?: () => Promise<UserAgent>; readonly onSharedUse?: () => void } = {},
): CellContext {
  const recorder = new EvidenceRecorder(redactor)
  const tokenFormats = handle.tokenFormat === 'any' ? TOKEN_FORMATS : ([handle.tokenFormat] as const)
  const cleanUps: (() => Promise<void>)[] = []
  const defer = (cleanUp: () => Promise<void>): void => void cleanUps.push(cleanUp)

  let httpAgentOnce: Promise<UserAgent> | undefined
  const httpAgent = (): Promise<UserAgent> => {
    httpAgentOnce ??= createUserAgent('http').then((agent) => {
      defer(() => agent.close())
      return agent
    })
    return httpAgentOnce
  }

  const createDriver = (
    nextcloud: Pick<Nextcloud, 'baseUrl' | 'users' | 'clock'>,
    defaultResource: () => string | undefined,
  ): OAuthDriver =>
    createOAuthDriver({
      baseUrl: nextcloud.baseUrl,
      users: nextcloud.users,
      fetch: recorder.fetch,
      redactor,
      httpAgent,
      defaultResource,
      defaultFormat: tokenFormats[0],
      clockSkewSeconds: () =>
        nextcloud.clock === undefined ? 0 : Math.round((nextcloud.clock.nowMs() - Date.now()) / 1000),
    })

  const ctx: CheckContext = {
    mode,
    revision: handle.revision,
    windows: handle.windows,
    tokenFormats,
    userAgentKind: handle.userAgent,
    nextcloud: handle.nextcloud,
    users: handle.users,
    fetch: recorder.fetch,
    oauth: createDriver(
      { baseUrl: handle.nextcloud.baseUrl, users: handle.users },
      () => handle.targets.oauth?.url,
    ),
    target(wanted) {
      options.onSharedUse?.()
      const target = handle.targets[wanted]
      const reason = handle.unavailable[wanted]
      if (reason !== undefined) throw new NotTestableError(reason)
      if (target === undefined) throw new NotTestableError(`the run has no server in ${wanted} mode`)
      return { mode: wanted, url: target.url }
    },
    token(user, format = tokenFormats[0]) {
      options.onSharedUse?.()
      const token = handle.tokens[`${user}:${format}`]
      if (token === undefined) {
        throw new NotTestableError(handle.unavailable.tokens ?? `the run has no ${format} token of ${user}`)
      }
      return Promise.resolve(token.accessToken)
    },
    mcp: {
      probe: createProbe(recorder.fetch, handle.revision),
      async connect(url, options = {}) {
        const connection = await connectMcp(url, {
          fetch: recorder.fetch,
          revision: options.revision ?? handle.revision,
          timeoutMs: handle.windows.upstreamTimeoutMs + 5_000,
          ...(options.token === undefined ? {} : { token: options.token }),
        })
        defer(() => connection.close())
        return connection
      },
    },
    async userAgent() {
      if (options.userAgent !== undefined) return options.userAgent()
      const agent = await createUserAgent(handle.userAgent)
      defer(() => agent.close())
      return agent
    },
    personSession: (user) => openPersonSession(user, recorder.fetch),
    async callbackServer() {
      const server = await CallbackServer.start({ mutants: splitMutants(handle.mutants).callback })
      defer(() => server.close())
      return server
    },
    privateStack: (embedded = {}) => startPrivateStack({ handle, redactor, defer, createDriver }, embedded),
    ownNextcloud: () => startOwnNextcloud({ handle, redactor, defer, createDriver }),
    note: (text) => {
      recorder.note(text)
    },
    screenshot: (name, png) => {
      recorder.screenshot(`${check.id}-${mode}-${name}`, png)
    },
    responsesFrom: (origin) => recorder.responsesFrom(origin),
    secret: (kind, value) => {
      redactor.learn(kind, value)
    },
  }

  const cleanUp = async (): Promise<readonly unknown[]> => {
    const failures: unknown[] = []
    for (let step = cleanUps.pop(); step !== undefined; step = cleanUps.pop()) {
      await step().catch((error: unknown) => failures.push(error))
    }
    return failures
  }
  return { ctx, recorder, cleanUp }
}
