import { wellKnownUrl } from '../../oauth/discovery.js'
import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { isJsonObject } from './json.js'

/** The provider metadata as it came. */
export interface DiscoveryDocument {
  readonly members: Readonly<Record<string, unknown>>
  /** Where it was found, after at most one redirect: Nextcloud often needs a web-server rule for this path. */
  readonly url: string
}

/** What is at the place of a document. */
export interface FetchedDocument {
  readonly url: string
  readonly status: number
  /** Lower case, without parameters; empty when the answer names none. */
  readonly mediaType: string
  /** `undefined` when the body is no JSON object. */
  readonly members: Readonly<Record<string, unknown>> | undefined
}

/** GET without cookies and credentials; one redirect is followed. Judges nothing. */
export async function fetchDocument(
  ctx: Pick<CheckContext, 'fetch'>,
  asked: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<FetchedDocument> {
  let url = asked
  let response = await ctx.fetch(url, { headers })
  const location = response.headers.get('location')
  if (response.status >= 300 && response.status < 400 && location !== null) {
    url = new URL(location, url).href
    response = await ctx.fetch(url, { headers })
  }
  return {
    url,
    status: response.status,
    mediaType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    members: parseObject(await response.text()),
  }
}

/**
 * Fetches the OpenID provider metadata of an instance without any judgement of its content.
 *
 * @throws NotTestableError when there is no document.
 */
export async function fetchDiscoveryDocument(
  ctx: Pick<CheckContext, 'fetch'>,
  baseUrl: string,
): Promise<DiscoveryDocument> {
  const { url, status, members = {} } = await fetchDocument(ctx, wellKnownUrl(baseUrl))
  if (status !== 200 || Object.keys(members).length === 0) {
    throw new NotTestableError(`there is no discovery document (status ${status})`)
  }
  return { members, url }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
