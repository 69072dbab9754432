import type { CheckContext } from '../context.js'
import { readJsonObject } from './json.js'

/** Metadata of an authorization server as a client finds it. */
export interface FoundServerMetadata {
  readonly url: string
  readonly members: Readonly<Record<string, unknown>>
}

const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'

/**
 * Where a client looks for the metadata of an issuer, in this order (MCP Authorization, Authorization Server Metadata
 * Discovery; RFC 8414 §3.1; OpenID Connect Discovery §4).
 */
export function serverMetadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const urls = [origin + OAUTH + path, origin + OPENID + path, origin + path + OPENID]
  return [...new Set(urls)]
}

/**
 * Fetches the metadata of an issuer; at most one redirect is followed, as some deployments of Nextcloud have one.
 * `undefined` when there is none, or nobody answers.
 */
export async function findServerMetadata(
  ctx: Pick<CheckContext, 'fetch'>,
  issuer: string,
): Promise<FoundServerMetadata | undefined> {
  for (const url of serverMetadataUrls(issuer)) {
    const members = await fetchObject(ctx, url).catch(() => ({}))
    if ('issuer' in members) return { url, members }
  }
  return undefined
}

async function fetchObject(
  ctx: Pick<CheckContext, 'fetch'>,
  url: string,
): Promise<Readonly<Record<string, unknown>>> {
  const init = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(10_000) }
  let response = await ctx.fetch(url, init)
  const location = response.headers.get('location')
  if (response.status >= 300 && response.status < 400 && location !== null) {
    await response.body?.cancel()
    response = await ctx.fetch(new URL(location, url).href, init)
  }
  const members = await readJsonObject(response)
  return response.status === 200 ? members : {}
}
