import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { EmbeddedEnv } from './context.js'
import { phpJsonEncode, rawUrlEncode } from './handlers/oidc/php.js'

type Headers = Record<string, string | string[]>

/** What Nextcloud's own web server configuration and bootstrap add to every answer. */
export const BASE_HEADERS = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-robots-tag': 'noindex, nofollow',
} as const

const EMPTY_CSP = "default-src 'none';base-uri 'none';manifest-src 'self';frame-ancestors 'none'"

/** What the app framework adds to the answers of controllers. */
const CONTROLLER_HEADERS = {
  ...BASE_HEADERS,
  'cache-control': 'no-cache, no-store, must-revalidate',
  'content-security-policy': EMPTY_CSP,
  'feature-policy':
    "autoplay 'none';camera 'none';fullscreen 'none';geolocation 'none';microphone 'none';payment 'none'",
} as const

const JSON_TYPE = 'application/json; charset=utf-8'
const HTML_TYPE = 'text/html; charset=UTF-8'

const outgoingCookies = new WeakMap<Context<EmbeddedEnv>, string[]>()

/** Sends a Set-Cookie line with the answer that is about to be made. */
export function addCookie(c: Context<EmbeddedEnv>, line: string): void {
  const lines = outgoingCookies.get(c)
  if (lines === undefined) outgoingCookies.set(c, [line])
  else lines.push(line)
}

/**
 * An answer with exactly these headers, a request id and the cookies of the request so far. `headers` win over what
 * was set with `c.header`.
 */
export function respond(
  c: Context<EmbeddedEnv>,
  status: number,
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Headers,
): Response {
  headers['x-request-id'] = randomUUID()
  const cookies = outgoingCookies.get(c)
  if (cookies !== undefined) headers['set-cookie'] = cookies
  return c.body(body as string, status as ContentfulStatusCode, headers)
}

/** The answer of a controller: default headers, and the session's user when there is one. */
export function controllerResponse(
  c: Context<EmbeddedEnv>,
  status: number,
  body: string | null,
  headers: Headers,
): Response {
  const userId = c.get('session').userId
  return respond(c, status, body, {
    ...CONTROLLER_HEADERS,
    ...(userId === null ? {} : { 'x-user-id': userId }),
    ...headers,
  })
}

/** JSON as Nextcloud's JSONResponse writes it: slashes, non-ASCII characters and angle brackets escaped. */
export function responseJson(body: unknown): string {
  return phpJsonEncode(body).replace(/[<>]/g, (bracket) => (bracket === '<' ? '\\u003C' : '\\u003E'))
}

export interface JsonResponseOptions {
  /** Value of Access-Control-Allow-Methods; adds `Access-Control-Allow-Origin: *`. Default: neither. */
  readonly cors?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A controller's JSON answer, content type `application/json; charset=utf-8`; with status 304 without the body. */
export function jsonResponse(
  c: Context<EmbeddedEnv>,
  status: number,
  body: unknown,
  options: JsonResponseOptions = {},
): Response {
  return controllerResponse(c, status, status === 304 ? null : responseJson(body), {
    'content-type': JSON_TYPE,
    ...(options.cors === undefined
      ? {}
      : { 'access-control-allow-origin': '*', 'access-control-allow-methods': options.cors }),
    ...options.headers,
  })
}

/**
 * A redirect with status 303, the only kind that apps send. What no header can hold is percent-encoded.
 *
 * @param location absolute URL, or a path of the instance
 */
export function redirect303(c: Context<EmbeddedEnv>, location: string): Response {
  return controllerResponse(c, 303, null, {
    'content-type': HTML_TYPE,
    location: published(c, location).replace(/[^\x20-\x7e]/gu, rawUrlEncode),
  })
}

/** A controller's answer without a body; the content type is PHP's default, HTML, unless given. */
export function emptyResponse(c: Context<EmbeddedEnv>, status: number, contentType = HTML_TYPE): Response {
  return controllerResponse(c, status, null, { 'content-type': contentType })
}

/** A path of the instance as visitors reach it; absolute URLs stay. */
export function published(c: Context<EmbeddedEnv>, pathOrUrl: string): string {
  return pathOrUrl.startsWith('/') ? c.get('webRoot') + pathOrUrl : pathOrUrl
}
