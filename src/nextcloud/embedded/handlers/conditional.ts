import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { EmbeddedEnv } from '../context.js'

/** MD5 (hex) of the value's JSON, as Nextcloud's apps make their etags. */
export function contentHash(value: unknown): string {
  return createHash('md5').update(JSON.stringify(value)).digest('hex')
}

/** A strong entity tag of the value, with quotes. */
export function entityTag(value: unknown): string {
  return `"${contentHash(value)}"`
}

/** Whether If-None-Match names this entity tag, so that the answer is 304. */
export function isUnchanged(c: Context<EmbeddedEnv>, etag: string): boolean {
  return c.req.header('if-none-match')?.trim() === etag
}
