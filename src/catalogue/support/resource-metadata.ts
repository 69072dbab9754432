import type { CheckContext } from '../context.js'
import { parseBearerChallenge, type BearerChallenge } from './challenge.js'
import { readJsonObject } from './json.js'
import { initializeMessage } from './mcp-session.js'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** What it takes to ask a server without a token. */
interface AskingContext {
  readonly mcp: Pick<CheckContext['mcp'], 'probe'>
  readonly revision: CheckContext['revision']
}

/** A fetched protected resource metadata document, or what came instead of it. */
export interface FetchedMetadata {
  readonly url: string
  readonly status: number
  readonly contentType: string
  /** Empty when the body is no JSON object. */
  readonly members: Readonly<Record<string, unknown>>
}

/** Where RFC 9728 §3.1 puts the document of a resource: the path goes after the well-known part. */
export function metadataUrlOf(resource: string): string {
  const { origin, pathname } = new URL(resource)
  return origin + WELL_KNOWN + (pathname === '/' ? '' : pathname)
}

/** The copy at the root, which MCP allows. */
export function rootMetadataUrlOf(resource: string): string {
  return new URL(resource).origin + WELL_KNOWN
}

/** GET without a token, redirects not followed. */
export async function fetchMetadata(ctx: Pick<CheckContext, 'fetch'>, url: string): Promise<FetchedMetadata> {
  const response = await ctx.fetch(url, { headers: { accept: 'application/json' } })
  return {
    url,
    status: response.status,
    contentType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    members: await readJsonObject(response),
  }
}

/** True for a 200 with a JSON object. */
export function isDocument({ status, members }: FetchedMetadata): boolean {
  return status === 200 && Object.keys(members).length > 0
}

/** What the server answers to an initialize request without a token, or with one that it should refuse. */
export async function askForChallenge(
  ctx: AskingContext,
  url: string,
  token?: string,
): Promise<{ readonly status: number; readonly challenge: BearerChallenge | undefined }> {
  const { status, headers } = await ctx.mcp.probe(url, {
    ...(token === undefined ? {} : { token }),
    body: initializeMessage(ctx.revision),
  })
  return { status, challenge: parseBearerChallenge(headers.get('www-authenticate')) }
}

/** The document as a client finds it: by the challenge, else at the well-known path, else at the root. */
export async function findMetadata(
  ctx: AskingContext & Pick<CheckContext, 'fetch'>,
  resource: string,
): Promise<FetchedMetadata | undefined> {
  const { challenge } = await askForChallenge(ctx, resource)
  const named = challenge?.parameters.get('resource_metadata')?.value
  const urls = [
    ...(named !== undefined && URL.canParse(named) ? [named] : []),
    metadataUrlOf(resource),
    rootMetadataUrlOf(resource),
  ]
  for (const url of urls) {
    const found = await fetchMetadata(ctx, url)
    if (isDocument(found)) return found
  }
  return undefined
}
