import type { Hono } from 'hono'
import { createEmbeddedApp } from '../embedded/app.js'
import type { EmbeddedContext, EmbeddedEnv } from '../embedded/context.js'
import { createContext } from '../embedded/create-context.js'
import { applyState, type SavedState } from '../embedded/saved-state.js'
import type { SystemConfig } from '../embedded/system-config.js'
import { appliedPatches } from './app-folders.js'
import { readState, stateStamp } from './image-state.js'
import { profileOf, type ImageEnv } from './installation.js'

/** What the official image's own configuration files take from the environment, over `config.php`. */
const OVERWRITES = {
  OVERWRITEHOST: 'overwritehost',
  OVERWRITEPROTOCOL: 'overwriteprotocol',
  OVERWRITEWEBROOT: 'overwritewebroot',
  OVERWRITECLIURL: 'overwrite.cli.url',
} as const

/** A Nextcloud that follows the saved state of a web root: every request sees what the last `occ` left. */
export function createInstance(
  webRoot: string,
  env: ImageEnv,
): { readonly app: Hono<EmbeddedEnv>; readonly context: EmbeddedContext } {
  let stamp = ''
  let applied: SavedState | undefined
  const refresh = (ctx: EmbeddedContext): void => {
    const now = stateStamp(webRoot)
    if (now === stamp) return
    const saved = readState(webRoot)
    if (saved === undefined) return
    const next = { ...saved, system: { ...saved.system, ...overwritesOf(env) } }
    applyState(ctx, next, applied)
    ctx.options = { ...ctx.options, ...appliedPatches(webRoot) }
    stamp = now
    applied = next
  }
  const context = createContext({ profile: profileOf(env).name, refresh, ownKey: true }, [])
  refresh(context)
  return { app: createEmbeddedApp(context), context }
}

function overwritesOf(env: ImageEnv): SystemConfig {
  return Object.fromEntries(
    Object.entries(OVERWRITES).flatMap(([variable, key]) => {
      const value = env[variable] ?? ''
      return value === '' ? [] : [[key, value]]
    }),
  )
}
