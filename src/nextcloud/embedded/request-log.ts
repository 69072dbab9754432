import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { UpstreamRequest } from '../nextcloud.js'
import { basicCredentials, bearerToken } from './authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { sentSession } from './session.js'

/** Oldest entries go first beyond this number. */
const MAX_ENTRIES = 50_000

/** An entry of the log that is completed when the request is answered. */
export type OpenEntry = { -readonly [Member in keyof UpstreamRequest]: UpstreamRequest[Member] }

/** Path of a request without the `/index.php` prefix. */
export function plainPath(c: Context<EmbeddedEnv>): string {
  const { path } = c.req
  return path.startsWith('/index.php/') ? path.slice('/index.php'.length) : path
}

/** Writes an arriving request into the twin's log, with status 0 until it is answered. Credentials are classified. */
export function logArrival(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): OpenEntry {
  const authorization = c.req.header('authorization')
  const token = bearerToken(authorization)
  const basic = authorization === undefined ? undefined : basicCredentials(authorization)
  const queryStart = c.req.raw.url.indexOf('?')
  const cookieUser = sentSession(ctx, c)?.userId
  const entry: OpenEntry = {
    atMs: ctx.clock.nowMs(),
    method: c.req.method,
    path: plainPath(c),
    query: queryStart === -1 ? '' : c.req.raw.url.slice(queryStart + 1),
    status: 0,
    ...(token === undefined ? {} : { bearerSha256: createHash('sha256').update(token).digest('hex') }),
    ...(basic === undefined ? {} : { basicUser: basic.userId }),
    hasCookie: c.req.header('cookie') !== undefined,
    ...(cookieUser === undefined || cookieUser === null ? {} : { cookieUser }),
  }
  ctx.requests.push(entry)
  if (ctx.requests.length > MAX_ENTRIES) ctx.requests.splice(0, MAX_ENTRIES / 10)
  return entry
}

/** Completes an entry: the status, and the client that an OAuth request named. */
export async function logAnswer(entry: OpenEntry, c: Context<EmbeddedEnv>, status: number): Promise<void> {
  entry.status = status
  if (!entry.path.startsWith('/apps/oidc/')) return
  const clientId = (await bodyClientId(c)) ?? c.req.query('client_id') ?? entry.basicUser
  if (clientId !== undefined && clientId !== '') entry.clientId = clientId
}

async function bodyClientId(c: Context<EmbeddedEnv>): Promise<string | undefined> {
  if (c.req.method !== 'POST') return undefined
  const contentType = c.req.header('content-type') ?? ''
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return new URLSearchParams(await c.req.text()).get('client_id') ?? undefined
  }
  if (!contentType.includes('json')) return undefined
  const value = /"client_id"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(await c.req.text())?.[1]
  return value === undefined ? undefined : textOf(value)
}

function textOf(json: string): string | undefined {
  try {
    return String(JSON.parse(json))
  } catch {
    return undefined
  }
}
