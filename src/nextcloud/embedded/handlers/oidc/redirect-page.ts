import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { appPage } from '../../pages.js'
import { requireUser } from '../../session.js'
import { readAuthorizeRequest, requestPairs } from './authorize-request.js'
import { queryParameters } from './parameters.js'
import { escapeHtml } from './php.js'
import { allowAnyOrigin } from './routing.js'

/** `GET /redirect`: the page after a login; its script goes on to authorize with the parameters of the URL. */
export function redirectPage(_ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const user = requireUser(c)
  if (user instanceof Response) return user
  const attributes = requestPairs(readAuthorizeRequest(queryParameters(c))).map(
    ([name, value]) => `data-${name.replaceAll('_', '-')}="${escapeHtml(value)}"`,
  )
  const response = appPage(c, {
    title: 'Nextcloud',
    appHtml: `<div id="oidc-redirect" ${attributes.join(' ')}></div>`,
    scripts: ['/apps/oidc/js/oidc-redirect.js'],
  })
  return allowAnyOrigin(response, 'GET')
}
