import { createHash, randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { breakSignature } from '../support/jwt.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { TOOL_NAMES } from '../support/tool-names.js'
import { presentToken } from '../support/token-probe.js'

const OTHER_RESOURCE = 'https://other.example/mcp'

/** Tokens that are not good here must not be tried out on Nextcloud in the caller's name. */
export const foreignTokenPassthrough = defineCheck({
  id: 'rs.passthrough.foreign-token',
  suite: 'resource-server',
  title: 'A token that the server does not accept reaches nothing but userinfo and introspection',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Handling' },
    { document: 'MCP-Security', clause: 'Token Passthrough' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-forwards-before-verify' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const good = await stack.oauth.mint('alice')
    const bad = await badTokens(ctx, stack)
    twin.clearRequests()
    const receptions = await Promise.all(
      bad.map(async ({ name, token }) => {
        const reception = await presentToken(ctx, url, token)
        await callWithoutSession(ctx, url, token)
        return [name, reception] as const
      }),
    )
    const accepted = receptions.filter(([, reception]) => reception === 'accepted').map(([name]) => name)
    if (accepted.length > 0) {
      return notTestable(`tokens that should be refused are accepted: ${accepted.join(', ')}`)
    }
    // Last, so that whatever the server does behind its answers has reached Nextcloud by now.
    await using session = await McpSession.open(ctx, url, good.tokens.access_token)
    await session.callTool(TOOL_NAMES.searchNotes, { query: '' })

    const checkedAt = new Set(await validationPaths(stack))
    const seen = bad.map(({ name, token }) => {
      const sha256 = createHash('sha256').update(token).digest('hex')
      const requests = twin.requests().filter(({ bearerSha256 }) => bearerSha256 === sha256)
      return { name, paths: [...new Set(requests.map(({ path }) => path))] }
    })
    const forwarded = seen
      .map(({ name, paths }) => ({ name, paths: paths.filter((path) => !checkedAt.has(path)) }))
      .filter(({ paths }) => paths.length > 0)
    return judge(
      forwarded.length === 0
        ? []
        : [
            {
              id: 'refused-token-forwarded',
              message: 'a token that the server refuses is sent to a Nextcloud API',
              expected: [...checkedAt],
              observed: forwarded,
            },
          ],
      Object.fromEntries(seen.map(({ name, paths }) => [name, paths])),
    )
  },
})

/** Two of them are good for Nextcloud, which would do what they ask. */
async function badTokens(
  ctx: CheckContext,
  { oauth }: PrivateStack,
): Promise<readonly { readonly name: string; readonly token: string }[]> {
  const [opaque, jwt] = await Promise.all([
    oauth.mint('alice', { format: 'opaque', resource: OTHER_RESOURCE }),
    oauth.mint('alice', { format: 'jwt', resource: OTHER_RESOURCE }),
  ])
  const tokens = [
    { name: 'opaque, for another resource', token: opaque.tokens.access_token },
    { name: 'JWT, for another resource', token: jwt.tokens.access_token },
    { name: 'JWT, signature changed', token: breakSignature(jwt.tokens.access_token) },
    { name: 'invented', token: randomBytes(54).toString('base64url') },
  ]
  for (const { token } of tokens) ctx.secret('access_token', token)
  return tokens
}

/** A tool call straight away, as clients of sessionless servers send it. */
async function callWithoutSession(ctx: CheckContext, url: string, token: string): Promise<void> {
  await ctx.mcp.probe(url, {
    token,
    body: {
      ...initializeMessage(ctx.revision),
      method: 'tools/call',
      params: { name: TOOL_NAMES.searchNotes, arguments: { query: '' } },
    },
  })
}

async function validationPaths({ oauth }: PrivateStack): Promise<string[]> {
  const { metadata } = await oauth.discover()
  return [metadata['userinfo_endpoint'], metadata['introspection_endpoint']]
    .filter((endpoint) => typeof endpoint === 'string')
    .map((endpoint) => new URL(endpoint).pathname.replace(/^\/index\.php/, ''))
}
