import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { registerBoardRoutes, registerLabelRoutes, registerStackRoutes } from './boards.js'
import { registerCardRoutes } from './cards.js'
import { deckRouter } from './deck-route.js'

/** The Deck app: API v1.0. */
export function registerDeckRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const route = deckRouter(app, ctx)
  registerBoardRoutes(route, ctx)
  registerLabelRoutes(route, ctx)
  registerStackRoutes(route, ctx)
  registerCardRoutes(route, ctx)
}
