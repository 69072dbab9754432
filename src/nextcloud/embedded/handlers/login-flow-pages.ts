import type { Context } from 'hono'
import type { EmbeddedEnv } from '../context.js'
import { guestPage } from '../pages.js'
import { urlPrefix } from '../session.js'
import { buildReadableQuery, escapeHtml } from './oidc/php.js'

export const PICKER_SCRIPT_PATH = '/core/js/login/authpicker.js'

/**
 * Enables the button and goes to the form's action as it stands: submitting a GET form would replace its query. The
 * other form comes up by the link.
 */
export const PICKER_SCRIPT = `'use strict'
;(() => {
  const form = document.getElementById('login-form')
  form.querySelector('input[type=submit]').disabled = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    location.assign(form.action)
  })
  document.getElementById('app-token-login').addEventListener('click', (event) => {
    event.preventDefault()
    form.classList.add('hidden')
    document.getElementById('app-token-login-field').classList.remove('hidden')
  })
})()
`

export interface PickerPage {
  /** User agent of the client that asks. */
  readonly client: string
  readonly stateToken: string
  /** Suggested login name. */
  readonly user: string
  readonly direct: string
}

/** The page that says who asks: on to the login and the grant, or an app password instead. */
export function pickerPage(c: Context<EmbeddedEnv>, page: PickerPage): Response {
  const base = `${c.get('baseUrl')}${urlPrefix(c)}/login/v2`
  const query = buildReadableQuery([
    ['stateToken', page.stateToken],
    ['user', page.user],
    ['direct', page.direct],
  ])
  const body = (requestToken: string): string => `<div class="picker-window guest-box">
<h2>Connect to your account</h2>
<p class="info">${escapeHtml(page.client)} wants to use your Nextcloud account.</p>
<form id="login-form" action="${escapeHtml(`${base}/grant?${query}`)}" method="get">
<input type="submit" class="login primary icon-confirm-white" value="Log in" disabled>
</form>
<form action="${base}/apptoken" method="post" id="app-token-login-field" class="hidden">
<p class="grouptop"><input type="text" name="user" id="user" placeholder="Login">
<label for="user" class="infield">Login</label></p>
<p class="groupbottom"><input type="password" name="password" id="password" placeholder="App password">
<label for="password" class="infield">Password</label></p>
<input type="hidden" name="stateToken" value="${page.stateToken}">
<input type="hidden" name="requesttoken" value="${requestToken}">
<input id="submit-app-token-login" type="submit" class="login primary icon-confirm-white" value="Grant access">
</form>
<a id="app-token-login" class="apptoken-link" href="#">Use an app password</a>
</div>`
  return guestPage(c, body, [PICKER_SCRIPT_PATH])
}

export interface GrantPage {
  readonly client: string
  readonly stateToken: string
  readonly userDisplayName: string
}

/** The page on which a logged-in user grants access. */
export function grantPage(c: Context<EmbeddedEnv>, page: GrantPage): Response {
  const body = (requestToken: string): string => `<div class="picker-window guest-box">
<h2>Account access</h2>
<p class="info">You are logged in as ${escapeHtml(page.userDisplayName)}. ${escapeHtml(page.client)} asks for access to your account.</p>
<form method="POST" action="${c.get('baseUrl')}${urlPrefix(c)}/login/v2/grant">
<input type="hidden" name="requesttoken" value="${requestToken}">
<input type="hidden" name="stateToken" value="${page.stateToken}">
<div id="submit-wrapper">
<input type="submit" class="login primary icon-confirm-white" title="" value="Grant access">
</div>
</form>
</div>`
  return guestPage(c, body)
}

/** The page after the grant. */
export function donePage(c: Context<EmbeddedEnv>): Response {
  return guestPage(
    c,
    () => `<div class="picker-window guest-box">
<h2>Account connected</h2>
<p class="info">The client is connected now. You can close this window.</p>
</div>`,
  )
}
