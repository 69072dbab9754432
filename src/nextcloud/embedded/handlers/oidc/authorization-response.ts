import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { controllerResponse, redirect303 } from '../../responses.js'
import { buildQuery, escapeHtml } from './php.js'

export type ResponseMode = 'query' | 'fragment' | 'form_post'

/** Where and how an authorization response goes. */
export interface ResponseTarget {
  readonly redirectUri: string
  readonly mode: ResponseMode
  /** Empty when the request had none. */
  readonly state: string
  /** Added to every response as `iss` (RFC 9207). */
  readonly issuer?: string
}

/** Sends the response parameters to the client by 303, or by a form that posts itself. */
export function authorizationResponse(
  c: Context<EmbeddedEnv>,
  target: ResponseTarget,
  parameters: readonly (readonly [string, string])[],
): Response {
  const pairs = target.issuer === undefined ? parameters : [...parameters, ['iss', target.issuer] as const]
  if (target.mode === 'form_post') return formPostPage(c, target.redirectUri, pairs)
  const mark = target.mode === 'fragment' ? '#' : '?'
  const separator = target.redirectUri.includes(mark) ? '&' : mark
  return redirect303(c, target.redirectUri + separator + buildQuery(pairs))
}

/** Sends an error to the client; `state` only when the request had one. */
export function authorizationError(
  c: Context<EmbeddedEnv>,
  target: ResponseTarget,
  error: string,
  description: string,
): Response {
  return authorizationResponse(c, target, [
    ['error', error],
    ['error_description', description],
    ...(target.state === '' ? [] : [['state', target.state] as const]),
  ])
}

function formPostPage(
  c: Context<EmbeddedEnv>,
  action: string,
  pairs: readonly (readonly [string, string])[],
): Response {
  const inputs = pairs.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  const html =
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Authorization Response</title></head>' +
    `<body><form method="post" action="${escapeHtml(action)}">${inputs.join('')}` +
    '<noscript><button type="submit">Continue</button></noscript></form>' +
    '<script>document.forms[0].submit()</script></body></html>'
  return controllerResponse(c, 200, html, {
    'content-type': 'text/html; charset=UTF-8',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'content-security-policy':
      "default-src 'none'; base-uri 'none'; form-action *; script-src 'unsafe-inline'; frame-ancestors 'none'",
  })
}
