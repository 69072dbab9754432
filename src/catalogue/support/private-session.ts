import type { CheckContext, PrivateStack } from '../context.js'
import { McpSession } from './mcp-session.js'

/**
 * Starts the server of the cell's mode on a private Nextcloud and opens a session there: as the configured user, or with
 * a token of alice.
 *
 * @throws NotTestableError when the server cannot be started by us, as it was given by URL.
 */
export async function openPrivateSession(ctx: CheckContext, stack: PrivateStack): Promise<McpSession> {
  const mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
  const { url } = await stack.launch(mode)
  const token = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
  return McpSession.open(ctx, url, token)
}
