import type { Context, Hono } from 'hono'
import { randomBytes } from 'node:crypto'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import { isUnchanged } from '../conditional.js'
import { corsMarked } from '../cors-marker.js'
import { readParameters, type RequestParameters } from '../oidc/parameters.js'
import { DeckError } from './deck-error.js'
import { pathId } from './deck-parameters.js'
import { ensureWelcomeBoard } from './welcome-board.js'

type IdName = Parameters<typeof pathId>[2]

/** What a handler of Deck's API gets: the user and the request's parameters. */
export interface DeckRequest {
  readonly c: Context<EmbeddedEnv>
  readonly userId: string
  readonly parameters: RequestParameters
  /** An id of the path. @throws {DeckError} like `pathId`. */
  readonly id: (name: IdName) => number
}

/** The JSON of an answer with status 200; a tagged one has an ETag header. */
export type DeckAnswer = { readonly data: unknown; readonly etag?: string }

export type DeckRouter = (method: string, path: string, handler: (request: DeckRequest) => DeckAnswer) => void

/** Routes below `/apps/deck/api/v1.0` (and v1.1), CORS-marked; refusals are thrown as `DeckError`. */
export function deckRouter(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): DeckRouter {
  return (method, path, handler) => {
    const paths = ['/index.php', ''].map(
      (prefix) => `${prefix}/apps/deck/api/:version{v1\\.[01]}/boards${path}`,
    )
    app.on(method, paths, (c) =>
      corsMarked(ctx, c, async (_c, userId) => {
        try {
          ensureWelcomeBoard(ctx, userId)
          const parameters = await readParameters(c)
          const { data, etag } = handler({ c, userId, parameters, id: (name) => pathId(ctx, c, name) })
          const tag = etag === undefined ? undefined : `"${etag}"`
          if (tag === undefined) return jsonResponse(c, 200, data)
          return jsonResponse(c, isUnchanged(c, tag) ? 304 : 200, data, { headers: { etag: tag } })
        } catch (error) {
          if (error instanceof DeckError) return refused(c, error)
          throw error
        }
      }),
    )
  }
}

function refused(c: Context<EmbeddedEnv>, { status, message }: DeckError): Response {
  if (status !== 500) return jsonResponse(c, status, { status, message })
  const requestId = randomBytes(15).toString('base64url').replace(/[_-]/g, 'x')
  return jsonResponse(c, 500, {
    status,
    message:
      'Internal server error: Please contact the server administrator if this error reappears multiple times, ' +
      `please include the request ID "${requestId}" below in your report.`,
    requestId,
  })
}
