import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { noticePage, bootstrapHeaders } from './pages.js'
import { respond } from './responses.js'

/** A value of `config.php`, as JSON: PHP's lists may be arrays or objects with numbers as keys. */
export type SystemValue =
  string | number | boolean | null | readonly SystemValue[] | { readonly [key: string]: SystemValue }

/**
 * Nextcloud's system configuration (`config.php`), as far as the embedded one reads it: `overwritehost`,
 * `overwriteprotocol`, `overwritewebroot`, `trusted_domains`. Without `trusted_domains` every host is trusted.
 */
export type SystemConfig = Readonly<Record<string, SystemValue>>

/** How visitors reach the instance, by its configuration or else by the request. */
export interface PublicAddress {
  /** Scheme, host and port, no trailing slash. */
  readonly origin: string
  /** Path below which the instance is published, e.g. `/cloud`; empty for none. */
  readonly webRoot: string
}

/** @param requestUrl absolute URL as it came in. */
export function publicAddress(system: SystemConfig, requestUrl: string): PublicAddress {
  const authorityStart = requestUrl.indexOf('//') + 2
  const authorityEnd = requestUrl.indexOf('/', authorityStart)
  const origin = authorityEnd === -1 ? requestUrl : requestUrl.slice(0, authorityEnd)
  const host = text(system['overwritehost']) || origin.slice(authorityStart)
  const protocol = text(system['overwriteprotocol']) || origin.slice(0, authorityStart - 3)
  return { origin: `${protocol}://${host}`, webRoot: text(system['overwritewebroot']).replace(/\/+$/, '') }
}

/**
 * Whether requests may name this host: any while there is no list or `overwritehost` decides, always loopback, else one
 * of the list, with or without its port; `*` stands for any letters, digits, dots and hyphens.
 *
 * @param host value of the Host header
 */
export function isTrustedDomain(system: SystemConfig, host: string): boolean {
  const list = system['trusted_domains']
  if (list === undefined || text(system['overwritehost']) !== '') return true
  const name = host.replace(/:\d+$/, '')
  if (/^(?:127\.0\.0\.1|localhost|\[::1\])$/i.test(name)) return true
  if (name.startsWith('-') || name.includes('..')) return false
  const trusted = typeof list === 'object' && list !== null ? Object.values(list as object) : []
  return trusted.some((entry) => {
    if (typeof entry !== 'string') return false
    const pattern = entry.split('*').map(escapePattern).join('[-.a-zA-Z0-9]*')
    const expression = new RegExp(`^${pattern}$`, 'i')
    return expression.test(name) || expression.test(host)
  })
}

/** Whether user_oidc takes bearer tokens of the oidc app (`oidc_provider_bearer_validation`). */
export function validatesBearer(ctx: EmbeddedContext): boolean {
  const settings = ctx.system['user_oidc']
  if (ctx.disabledApps.has('user_oidc') || typeof settings !== 'object' || settings === null) return false
  return Object.entries(settings as object).some(
    ([key, value]) => key === 'oidc_provider_bearer_validation' && value === true,
  )
}

/** The answer to a request for a host that is not trusted: 400, a page or for `status.php` JSON; else `undefined`. */
export function refuseUntrusted(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response | undefined {
  if (isTrustedDomain(ctx.system, c.req.header('host') ?? hostOf(c.req.raw.url))) return undefined
  if (c.req.path.endsWith('/status.php')) {
    return respond(
      c,
      400,
      '{"error": "Trusted domain error.", "code": 15}',
      bootstrapHeaders('application/json'),
    )
  }
  return noticePage(
    c,
    400,
    'Access through untrusted domain',
    'Please contact your administrator. If you are an administrator, edit the "trusted_domains" setting in config/config.php.',
  )
}

/** Host and port of a call without a socket, which has no Host header. */
function hostOf(url: string): string {
  return publicAddress({}, url).origin.replace(/^.*\/\//, '')
}

function text(value: SystemValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function escapePattern(part: string): string {
  return part.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
