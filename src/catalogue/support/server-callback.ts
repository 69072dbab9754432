import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { requestPage, type CallbackPage } from './callback-flow.js'

/** Where servers that log people in at Nextcloud themselves receive the answer. */
const PATH = '/oauth/callback'

/**
 * Sends an authorization response to the OAuth callback of the server under test, in no flow that it knows of.
 *
 * @returns `undefined` when the server has none, as one that only takes tokens, or does not answer.
 */
export async function askServerCallback(
  ctx: Pick<CheckContext, 'fetch' | 'target'>,
  parameters: Readonly<Record<string, string>>,
): Promise<CallbackPage | undefined> {
  try {
    const url = new URL(PATH, ctx.target('oauth').url).href
    const page = await requestPage(ctx, url, parameters)
    return page.status === 404 || page.status === 405 ? undefined : page
  } catch (thrown) {
    // Whether the server answers at all is judged elsewhere.
    if (thrown instanceof NotTestableError || thrown instanceof TypeError) return undefined
    throw thrown
  }
}

/** What `observed` says of a server's own callback. */
export function describeServerCallback(page: CallbackPage | undefined): string | number {
  return page?.status ?? 'the server has no OAuth callback of its own'
}
