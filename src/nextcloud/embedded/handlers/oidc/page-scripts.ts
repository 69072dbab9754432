import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'

/** Goes from the page after the login to authorize, with the data of the page, or bare when it has none. */
const REDIRECT_SCRIPT = `'use strict'
;(() => {
  const data = document.getElementById('oidc-redirect').dataset
  const target = new URL(location.pathname.replace(/redirect$/, 'authorize'), location.origin)
  for (const [key, value] of Object.entries(data)) {
    target.searchParams.set(key.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase()), value)
  }
  location.replace(target)
})()
`

/**
 * Renders the consent page. Its answers go out by fetch; when a redirect leaves the origin, the page's policy blocks
 * the fetch and the script goes to authorize again (allow) or to the start page (deny). With data-navigate="form" a
 * real form is submitted instead, and the browser follows the redirects itself.
 */
const CONSENT_SCRIPT = `'use strict'
;(() => {
  const mount = document.getElementById('oidc-consent')
  const { clientName, scopes, navigate } = mount.dataset
  const base = location.pathname.replace(/\\/consent$/, '')
  const requestToken = document.head.dataset.requesttoken
  const KNOWN = {
    openid: ['Basic authentication', 'Confirm who you are'],
    profile: ['Profile information', 'Your name, picture and similar details'],
    email: ['Email address', 'The email address of your account'],
    roles: ['Group memberships', 'The groups that you belong to, as roles'],
    groups: ['Group memberships', 'The groups that you belong to'],
    offline_access: ["Access when you're away", 'Stay connected while you are not using it'],
  }

  const element = (tag, className, text, children = []) => {
    const node = document.createElement(tag)
    if (className) node.className = className
    if (text) node.textContent = text
    node.append(...children)
    return node
  }

  const scopeItem = (scope) => {
    const [title, description] = KNOWN[scope] ?? [scope, '']
    const box = element('input')
    box.type = 'checkbox'
    box.id = 'scope-' + scope
    box.value = scope
    box.checked = true
    box.disabled = scope === 'openid'
    box.addEventListener('change', refresh)
    const label = element('label', 'scope-label', '', [
      element('span', 'scope-title', title),
      element('span', 'scope-description', description),
    ])
    label.htmlFor = box.id
    return element('div', 'scope-item', '', [box, label])
  }

  const selected = () => [...container.querySelectorAll('input:checked')].map((box) => box.value).join(' ')

  const submitForm = (path, fields) => {
    const form = element('form')
    form.method = 'post'
    form.action = base + path
    for (const [name, value] of Object.entries({ ...fields, requesttoken: requestToken })) {
      const input = element('input')
      input.type = 'hidden'
      input.name = name
      input.value = value
      form.append(input)
    }
    document.body.append(form)
    form.submit()
  }

  const send = async (path, fields, fallback) => {
    deny.disabled = allow.disabled = true
    if (navigate === 'form') return submitForm(path, fields)
    try {
      const response = await fetch(base + path, {
        method: 'POST',
        headers: { requesttoken: requestToken },
        body: new URLSearchParams(fields),
      })
      location.assign(response.redirected ? response.url : fallback)
    } catch {
      location.assign(fallback)
    }
  }

  const deny = element('button', 'button secondary', 'Deny')
  const allow = element('button', 'button primary', 'Allow')
  const refresh = () => {
    allow.disabled = selected() === ''
  }
  deny.addEventListener('click', () => send('/consent/deny', {}, '/'))
  allow.addEventListener('click', () => send('/consent/grant', { scopes: selected() }, base + '/authorize'))

  const container = element('div', '', '', [
    element('div', 'consent-box', '', [
      element('h2', '', 'Authorization request'),
      element('p', 'consent-intro', clientName + ' asks for access to your account.'),
      element('div', 'scope-list', '', scopes.split(' ').filter(Boolean).map(scopeItem)),
      element('div', 'consent-actions', '', [deny, allow]),
      element('p', 'consent-note', 'You can withdraw your consent in the personal settings.'),
    ]),
  ])
  container.id = 'oidc-consent-container'
  mount.append(container)
})()
`

const SCRIPTS: Readonly<Record<string, string>> = {
  'oidc-redirect.js': REDIRECT_SCRIPT,
  'oidc-consent.js': CONSENT_SCRIPT,
}

/** Serves the app's page scripts as static files; `undefined` for another name. */
export function pageScript(c: Context<EmbeddedEnv>): Response | undefined {
  const script = SCRIPTS[c.req.param('file') ?? '']
  if (script === undefined) return undefined
  return c.body(script, 200, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'x-content-type-options': 'nosniff',
  })
}
