import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { internalErrorPage } from './pages.js'
import { jsonResponse } from './responses.js'

/** The answer to input that the real instance ends with its 500 page for: that page, or a 400 with the reason. */
export function badInputAnswer(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, reason: string): Response {
  return ctx.profile.quirks.badInputIs500
    ? internalErrorPage(c)
    : jsonResponse(c, 400, { error: 'invalid_request', error_description: reason })
}
