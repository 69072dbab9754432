import { setTimeout as delay } from 'node:timers/promises'
import type { EmbeddedContext } from '../../context.js'

/** How long a registration waits for others to be confused with. */
const WINDOW_MS = 25

/** Redirect URIs of the registrations that came within the same window, in the order in which they came. */
const groups = new WeakMap<EmbeddedContext, string[][]>()

/** What `n-redirect-crossover` registers: of several clients at once, each gets the redirect URIs of the next one. */
export async function crossedOver(ctx: EmbeddedContext, redirectUris: string[]): Promise<string[]> {
  const group = groups.get(ctx) ?? []
  groups.set(ctx, group)
  const position = group.push(redirectUris)
  await delay(WINDOW_MS)
  if (groups.get(ctx) === group) groups.delete(ctx)
  return group[position % group.length] ?? redirectUris
}
