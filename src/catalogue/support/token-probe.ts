import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'

/**
 * What a server did with a token: let it in (with a result: a login page or an empty object with 200 is none), refused it
 * as RFC 6750 §3.1 has it, or something else.
 */
export type TokenReception = 'accepted' | 'refused' | `status ${number}`

/** Sends an initialize request with this bearer token to an MCP endpoint. */
export async function presentToken(
  ctx: Pick<CheckContext, 'mcp' | 'revision'>,
  url: string,
  token: string,
): Promise<TokenReception> {
  const { status, message } = await ctx.mcp.probe(url, {
    token,
    body: {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: ctx.revision,
        capabilities: {},
        clientInfo: { name: 'nc-mcp-conformance', version: '1' },
      },
    },
  })
  if (status >= 200 && status < 300 && message?.result !== undefined) return 'accepted'
  return status === 401 ? 'refused' : `status ${status}`
}

/**
 * The positive control of refusals: the same request with a good token is let in.
 *
 * @throws NotTestableError when it is not.
 */
export async function requireAccepted(
  ctx: Pick<CheckContext, 'mcp' | 'revision'>,
  url: string,
  token: string,
  what: string,
): Promise<void> {
  const reception = await presentToken(ctx, url, token)
  if (reception !== 'accepted') throw new NotTestableError(`positive control: ${what} is ${reception}`)
}
