import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { registerTablesOcsRoutes } from './routes-ocs.js'
import { registerTablesV1Routes } from './routes-v1.js'

/** The Tables app. */
export function registerTablesRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  registerTablesV1Routes(app, ctx)
  registerTablesOcsRoutes(app, ctx)
}
