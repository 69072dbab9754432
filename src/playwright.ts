import { test as base } from '@playwright/test'
import type { UserName } from './catalogue/context.js'
import { announcedScope } from './engine/announced-scope.js'
import { UsageError } from './errors.js'
import { connectMcp } from './mcp/client.js'
import type { McpConnection } from './mcp/mcp.js'
import type { Nextcloud } from './nextcloud/nextcloud.js'
import { mintTokens } from './oauth/tokens.js'
import type { Mode, Revision } from './servers/server.js'
import { startStack, type Stack, type StackOptions } from './stack.js'
import { createUserAgent } from './user-agent/index.js'
import type { UserAgent } from './user-agent/user-agent.js'

export { expect } from '@playwright/test'
export type { UserName } from './catalogue/context.js'
export type { McpConnection } from './mcp/mcp.js'
export type { Nextcloud } from './nextcloud/nextcloud.js'
export type { Mode, Revision } from './servers/server.js'
export type { Stack, StackOptions } from './stack.js'

/** What `use` of a Playwright configuration or `test.use()` may set. */
export interface NextcloudMcpOptions {
  /**
   * Nextcloud and servers, started once per worker. Default: an embedded Nextcloud and both reference servers; name your
   * own as `{ targets: { oauth: { kind: 'command', command: 'node server.js --port {port}' } } }`.
   */
  readonly stackOptions: StackOptions
  /** Who logs in and consents: form posts, or a real Chromium. Default `http`. */
  readonly userAgentKind: UserAgent['kind']
  /** MCP revision of the clients. Default `2025-11-25`. */
  readonly revision: Revision
}

/** Mints an access token of a user, once per worker, user and format. Default format: `opaque`. */
export type TokenMinter = (user: UserName, format?: 'opaque' | 'jwt') => Promise<string>

export interface NextcloudMcpWorkerFixtures {
  readonly stack: Stack
  readonly nextcloud: Nextcloud
  readonly users: Nextcloud['users']
  readonly accessToken: TokenMinter
}

export interface NextcloudMcpFixtures {
  /**
   * Connects an MCP client to the server of a mode; in `oauth` mode with a token of the user, alice unless said otherwise. It is
   * closed after the test.
   */
  readonly mcpClient: (mode: Mode, user?: UserName) => Promise<McpConnection>
}

/**
 * Playwright's `test` with a Nextcloud, its users, real tokens and MCP clients as fixtures, for the tests of a server's
 * author.
 *
 * ```ts
 * import { expect, test } from 'nc-mcp-conformance/playwright'
 *
 * test('lists tools', async ({ mcpClient }) => {
 *   const client = await mcpClient('oauth')
 *   expect(await client.listTools()).not.toEqual([])
 * })
 * ```
 */
export const test = base.extend<NextcloudMcpFixtures, NextcloudMcpWorkerFixtures & NextcloudMcpOptions>({
  stackOptions: [
    {
      nextcloud: { embedded: { administratorGrantsJwt: true } },
      targets: { basic: { kind: 'reference' }, oauth: { kind: 'reference' } },
    },
    { scope: 'worker', option: true },
  ],
  userAgentKind: ['http', { scope: 'worker', option: true }],
  revision: ['2025-11-25', { scope: 'worker', option: true }],
  stack: [
    async ({ stackOptions }, use) => {
      await using stack = await startStack(stackOptions)
      await use(stack)
    },
    { scope: 'worker', timeout: 0 },
  ],
  nextcloud: [({ stack }, use) => use(stack.nextcloud), { scope: 'worker' }],
  users: [({ nextcloud }, use) => use(nextcloud.users), { scope: 'worker' }],
  accessToken: [
    async ({ stack, userAgentKind, revision }, use) => {
      const minted = new Map<string, Promise<string>>()
      let userAgent: Promise<UserAgent> | undefined
      await use((user, format = 'opaque') => {
        const key = `${user}:${format}`
        const known = minted.get(key)
        if (known !== undefined) return known
        userAgent ??= createUserAgent(userAgentKind)
        const token = mint(stack, userAgent, revision, user, format)
        minted.set(key, token)
        return token
      })
      await (await userAgent)?.close()
    },
    { scope: 'worker' },
  ],
  mcpClient: async ({ stack, accessToken, revision }, use) => {
    const open: McpConnection[] = []
    await use(async (mode, user = 'alice') => {
      const token = mode === 'oauth' ? await accessToken(user) : undefined
      const client = await connectMcp(urlOf(stack, mode), {
        revision,
        fetch,
        ...(token === undefined ? {} : { token }),
      })
      open.push(client)
      return client
    })
    // A session that the test ended itself is no failure.
    await Promise.allSettled(open.map((client) => client.close()))
  },
})

async function mint(
  stack: Stack,
  userAgent: Promise<UserAgent>,
  revision: Revision,
  user: UserName,
  tokenFormat: 'opaque' | 'jwt',
): Promise<string> {
  const resource = urlOf(stack, 'oauth')
  const { tokens } = await mintTokens({
    issuer: stack.nextcloud.baseUrl,
    user: stack.nextcloud.users[user],
    userAgent: await userAgent,
    scope: await announcedScope(resource, revision),
    resource,
    tokenFormat,
  })
  return tokens.access_token
}

function urlOf(stack: Stack, mode: Mode): string {
  const target = stack.targets[mode]
  if (target === undefined)
    throw new UsageError('NCMC_USAGE', `stackOptions.targets names no server for the mode ${mode}`)
  return target.url
}
