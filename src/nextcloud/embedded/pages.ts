import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import type { EmbeddedEnv } from './context.js'
import { escapeHtml } from './handlers/oidc/php.js'
import { BASE_HEADERS, controllerResponse, published, respond } from './responses.js'
import { requestToken } from './request-token.js'

const HTML_TYPE = 'text/html; charset=UTF-8'

/** The policy of pages that a controller renders. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "manifest-src 'self'",
    `script-src 'nonce-${nonce}'`,
    `script-src-elem 'strict-dynamic' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: https://*.tile.openstreetmap.org",
    "font-src 'self' data:",
    "connect-src 'self'",
    "media-src 'self'",
    "frame-src 'self'",
    "frame-ancestors 'self'",
    "form-action 'self'",
  ].join(';')
}

/** A page that a controller renders: it may play and go full screen, and its scripts need the nonce. */
function pageResponse(c: Context<EmbeddedEnv>, status: number, text: string, nonce: string): Response {
  return controllerResponse(c, status, text, {
    'content-security-policy': pagePolicy(nonce),
    'content-type': HTML_TYPE,
    'feature-policy':
      "autoplay 'self';camera 'none';fullscreen 'self';geolocation 'none';microphone 'none';payment 'none'",
  })
}

/** Headers of what is answered outside a controller, by the bootstrap: another policy, no cache control. */
export function bootstrapHeaders(contentType: string): Record<string, string> {
  const nonce = randomBytes(32).toString('base64')
  return {
    ...BASE_HEADERS,
    'content-security-policy':
      `default-src 'self'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; frame-src *; ` +
      "img-src * data: blob:; font-src 'self' data:; media-src *; connect-src *; object-src 'none'; base-uri 'self';",
    'content-type': contentType,
  }
}

interface Document {
  readonly title: string
  readonly requestToken: string
  readonly bodyId: string
  readonly head?: string
  readonly body: string
}

function html(document: Document): string {
  return `<!DOCTYPE html>
<html class="ng-csp" lang="en">
<head data-requesttoken="${document.requestToken}">
<meta charset="utf-8">
<title>${escapeHtml(document.title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="icon" href="data:,">
${document.head ?? ''}</head>
<body id="${document.bodyId}">
${document.body}
</body>
</html>
`
}

/** The "Access forbidden" page. Its status is 200 unless given, as that of the oidc app's authorize. */
export function forbiddenPage(c: Context<EmbeddedEnv>, message: string, status = 200): Response {
  return noticePage(c, status, 'Access forbidden', message)
}

/** A guest page of a controller with a heading and a hint, e.g. "Too many requests" (429). */
export function noticePage(
  c: Context<EmbeddedEnv>,
  status: number,
  heading: string,
  message: string,
): Response {
  const text = html({
    title: 'Nextcloud',
    requestToken: '',
    bodyId: 'body-login',
    body: `<div class="body-login-container update">
<h2>${escapeHtml(heading)}</h2>
<p class="hint">${escapeHtml(message)}</p>
</div>`,
  })
  return pageResponse(c, status, text, randomBytes(32).toString('base64'))
}

/** The 500 page of the bootstrap: what PHP type errors and missing templates end as. */
export function internalErrorPage(c: Context<EmbeddedEnv>): Response {
  return bootstrapErrorPage(c, 500, 'Internal Server Error', [
    'The server was unable to complete your request.',
    'If this happens again, please send the technical details below to the server administrator.',
  ])
}

/** What answers an unknown path: a page of a controller, or one of the bootstrap when something was sent there. */
export function notFoundPage(c: Context<EmbeddedEnv>): Response {
  if (c.req.method !== 'GET') return bootstrapErrorPage(c, 404, 'Error', ['Page not found'])
  return noticePage(
    c,
    404,
    'Page not found',
    'The page could not be found on the server or you may not be allowed to view it.',
  )
}

/** The 503 page of an instance in maintenance mode. */
export function maintenancePage(
  c: Context<EmbeddedEnv>,
  headers: Readonly<Record<string, string>>,
): Response {
  const text = 'This Nextcloud is in maintenance mode, which may take a while.'
  return bootstrapErrorPage(c, 503, 'Maintenance mode', [text], headers)
}

function bootstrapErrorPage(
  c: Context<EmbeddedEnv>,
  status: number,
  heading: string,
  paragraphs: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = html({
    title: 'Nextcloud',
    requestToken: '',
    bodyId: 'body-login',
    body: `<h2>${heading}</h2>\n${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')}`,
  })
  return respond(c, status, text, { ...bootstrapHeaders(HTML_TYPE), ...headers })
}

export interface AppPage {
  readonly title: string
  /** Markup of the page's content element; texts in it are escaped by the caller. */
  readonly appHtml: string
  /** `src` paths of the page's scripts. */
  readonly scripts: readonly string[]
}

/** A page of an app for a logged-in user: request token in the head, scripts by nonce, `connect-src 'self'`. */
export function appPage(c: Context<EmbeddedEnv>, page: AppPage): Response {
  const token = requestToken(c.get('session'))
  const nonce = nonceOf(token)
  const app = /^\/(?:index\.php\/)?apps\/([a-z_]+)/.exec(c.req.path)?.[1] ?? 'core'
  const text = html({
    title: page.title,
    requestToken: token,
    bodyId: 'body-user',
    head: page.scripts.map((src) => scriptTag(published(c, src), nonce)).join(''),
    body: `<div id="content" class="app-${app}">
<h1 class="hidden-visually" id="page-heading-level-1">${escapeHtml(page.title)}</h1>
${page.appHtml}
</div>`,
  })
  return pageResponse(c, 200, text, nonce)
}

/**
 * A page for visitors, logged in or not, with a request token in its head.
 *
 * @param body markup, made with the request token for its forms
 * @param scripts `src` paths of the page's scripts
 */
export function guestPage(
  c: Context<EmbeddedEnv>,
  body: (requestToken: string) => string,
  scripts: readonly string[] = [],
): Response {
  const token = requestToken(c.get('session'))
  const nonce = nonceOf(token)
  const text = html({
    title: 'Nextcloud',
    requestToken: token,
    bodyId: 'body-login',
    head: `<style>.hidden{display:none}</style>\n${scripts.map((src) => scriptTag(published(c, src), nonce)).join('')}`,
    body: `<main>\n${body(token)}\n</main>`,
  })
  return pageResponse(c, 200, text, nonce)
}

function scriptTag(src: string, nonce: string): string {
  return `<script nonce="${nonce}" defer src="${escapeHtml(src)}"></script>\n`
}

export interface LoginPage {
  /** Where the form posts to; the query of the page. */
  readonly action: string
  /** Shown in the user field. */
  readonly user: string
  readonly redirectUrl: string
  /** True after a refused attempt. */
  readonly failed: boolean
}

/**
 * The login page. Nextcloud renders the form by script; this one has it in the document, with the same ids, names and
 * buttons, so that drivers find what they look for at once.
 */
export function loginPage(c: Context<EmbeddedEnv>, page: LoginPage): Response {
  const token = requestToken(c.get('session'))
  const redirect =
    page.redirectUrl === ''
      ? ''
      : `<input type="hidden" name="redirect_url" value="${escapeHtml(page.redirectUrl)}">\n`
  const text = html({
    title: 'Login – Nextcloud',
    requestToken: token,
    bodyId: 'body-login',
    // Under the no-referrer policy of the headers a browser would post the form with `Origin: null`.
    head: '<meta name="referrer" content="same-origin">\n',
    body: `<main><div id="login">
<h2>Log in to Nextcloud</h2>
<form class="login-form" method="post" name="login" action="${escapeHtml(page.action)}">
<label for="user">Account name or email</label>
<input id="user" type="text" name="user" value="${escapeHtml(page.user)}" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" type="password" name="password" autocomplete="current-password" required>
${page.failed ? '<p class="input-field__helper-text-message--error" role="alert">Wrong login or password.</p>\n' : ''}<input id="rememberme" type="checkbox" name="rememberme" value="1" checked>
<label for="rememberme">Remember me</label>
<button type="submit" data-login-form-submit>Log in</button>
${redirect}<input type="hidden" name="timezone" value="UTC">
<input type="hidden" name="timezone_offset" value="0">
<input type="hidden" name="requesttoken" value="${token}">
</form>
</div></main>`,
  })
  return pageResponse(c, 200, text, nonceOf(token))
}

/** Nextcloud takes the second part of the page's request token as the nonce. */
function nonceOf(token: string): string {
  return token.slice(token.indexOf(':') + 1)
}
