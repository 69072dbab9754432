import { randomBytes } from 'node:crypto'
import { HarnessError } from '../../errors.js'
import { mintTokens } from '../../oauth/tokens.js'
import type { UserAgent } from '../../user-agent/user-agent.js'
import type { CheckContext } from '../context.js'

/** `.example` belongs to nobody: the token endpoint is played here. */
const ISSUER = 'https://issuer.example'
const TOKEN_ENDPOINT = `${ISSUER}/token`
/** Longer than any answer takes; a flow that is never told anything ends then. */
const FLOW_TIMEOUT_MS = 5_000

/** What a callback answered. */
export interface CallbackPage {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** How a login of the toolkit itself went. */
export interface CallbackFlow {
  /** What the callback answered to each response, in order. */
  readonly pages: readonly CallbackPage[]
  /** The codes that were sent to the token endpoint; none when it was not asked. */
  readonly exchangedCodes: readonly (string | null)[]
  /** The error of the authorization response that ended the flow, where that is what ended it. */
  readonly error?: string
  /** In words, how the flow ended. */
  readonly end: string
}

/**
 * Runs the toolkit's own login from the authorization request to the token request, with a callback listener of the
 * run, and lets these responses arrive there instead of a person's browser.
 *
 * @param responses parameters of each authorization response, sent one after the other; `state` is the flow's own
 * unless given.
 */
export async function runCallbackFlow(
  ctx: CheckContext,
  responses: readonly Readonly<Record<string, string>>[],
): Promise<CallbackFlow> {
  const callback = await ctx.callbackServer()
  const pages: CallbackPage[] = []
  const exchangedCodes: (string | null)[] = []
  const userAgent: UserAgent = {
    kind: 'browser',
    version: 'none',
    async authorize({ authorizationUrl, redirectUri }) {
      const state = new URL(authorizationUrl).searchParams.get('state') ?? ''
      for (const response of responses) {
        pages.push(await requestPage(ctx, redirectUri, { state, ...response }))
      }
      return { callbackUrl: redirectUri, pages: [] }
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  try {
    await mintTokens({
      server: {
        issuer: ISSUER,
        metadata: {
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: TOKEN_ENDPOINT,
          jwks_uri: `${ISSUER}/jwks`,
        },
      },
      client: {
        client_id: 'callback-check',
        client_secret: randomBytes(24).toString('base64url'),
        redirect_uris: [callback.redirectUri],
      },
      user: { userId: 'nobody', password: '' },
      userAgent,
      callback,
      timeoutMs: FLOW_TIMEOUT_MS,
      // Never reached: the flow must end before, and where it does not, the code is all that matters.
      fetch: (_url, init) => {
        const { body } = init ?? {}
        exchangedCodes.push(body instanceof URLSearchParams ? body.get('code') : null)
        return Promise.resolve(Response.json({ error: 'invalid_grant' }, { status: 400 }))
      },
    })
    return { pages, exchangedCodes, end: 'tokens' }
  } catch (thrown) {
    if (!(thrown instanceof HarnessError)) throw thrown
    const { error } = thrown.details
    const isResponse = thrown.code === 'NCMC_FLOW_FAILED' && typeof error === 'string'
    return { pages, exchangedCodes, ...(isResponse ? { error } : {}), end: thrown.message }
  }
}

/** GET with these parameters, redirects not followed. */
export async function requestPage(
  ctx: Pick<CheckContext, 'fetch'>,
  url: string,
  parameters: Readonly<Record<string, string>>,
): Promise<CallbackPage> {
  const response = await ctx.fetch(`${url}?${new URLSearchParams({ ...parameters }).toString()}`)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** Whether a page tells the person that the response was not accepted. */
export function isRefusal({ status }: CallbackPage): boolean {
  return status >= 400 && status < 500
}
