import type { Context } from 'hono'
import { parseXml, XmlSyntaxError, type XmlElement } from '../../../../xml/xml.js'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { badRequest, DavError } from './dav-error.js'

export const DAV_BASE = '/remote.php/dav'

/** Bodies that are commands, not contents, are small. */
const MAX_XML_BYTES = 1024 * 1024

/** One authenticated request to the DAV server. */
export interface DavRequest {
  readonly ctx: EmbeddedContext
  readonly c: Context<EmbeddedEnv>
  readonly method: string
  /** Who asks. */
  readonly userId: string
  /** Decoded path segments below `/remote.php/dav`, without empty ones; the first names the root, e.g. `files`. */
  readonly segments: readonly string[]
  /** Where the request came in; default `DAV_MOUNT`. */
  readonly mount?: DavMount
}

/** A path that the DAV server, or a part of it, is reached by. */
export interface DavMount {
  /** Path without trailing slash. */
  readonly base: string
  /** Segments of the DAV server that the base stands for. */
  readonly segments: readonly string[]
}

export const DAV_MOUNT: DavMount = { base: DAV_BASE, segments: [] }

/** The older path of the caller's own files. */
export function webdavMount(userId: string): DavMount {
  return { base: '/remote.php/webdav', segments: ['files', userId] }
}

/** Depth of PROPFIND and REPORT: 0, 1 or Infinity; a missing or unknown value counts as `fallback`. */
export function depthOf({ c }: DavRequest, fallback: number): number {
  const depth = c.req.header('depth')
  if (depth === '0') return 0
  if (depth === '1') return 1
  return depth === 'infinity' ? Infinity : fallback
}

/**
 * The body as XML; `undefined` when it is empty.
 *
 * @throws {DavError} 400 when it is malformed, 413 when it is larger than 1 MiB.
 */
export async function xmlBody({ c }: DavRequest): Promise<XmlElement | undefined> {
  const declared = Number(c.req.header('content-length') ?? 0)
  const bytes = declared > MAX_XML_BYTES ? undefined : await c.req.arrayBuffer()
  if (bytes === undefined || bytes.byteLength > MAX_XML_BYTES) {
    throw new DavError(413, 'PayloadTooLarge', 'The request body is too large')
  }
  const text = Buffer.from(bytes).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return parseXml(text)
  } catch (error) {
    if (!(error instanceof XmlSyntaxError)) throw error
    throw badRequest(error.message)
  }
}

/**
 * Decoded segments of a DAV path (`/remote.php/dav/…`, with or without origin), those of the mount included; an encoded
 * slash separates too, as it does for sabre/dav.
 *
 * @throws {DavError} 400 for percent signs that encode nothing or no UTF-8, 403 for paths outside the DAV server.
 */
export function davSegments(pathOrUrl: string, mount: DavMount = DAV_MOUNT): readonly string[] {
  const path = pathOrUrl.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/[?#].*$/s, '')
  if (path !== mount.base && !path.startsWith(`${mount.base}/`)) {
    throw new DavError(403, 'Forbidden', `Requested uri (${path.slice(0, 200)}) is out of base uri`)
  }
  let decoded: string
  try {
    decoded = decodeURIComponent(path.slice(mount.base.length))
  } catch {
    throw badRequest('The path is not encoded correctly')
  }
  const segments = [...mount.segments, ...decoded.split('/').filter((segment) => segment !== '')]
  // Names of files are kept in NFC, and found in every form; those of calendars are not changed.
  return segments[0] === 'files' ? segments.map((segment) => segment.normalize('NFC')) : segments
}

/**
 * `davSegments` of a path or URL that the client sent within a request: those name the instance as it is published.
 *
 * @throws {DavError} as `davSegments`.
 */
export function sentSegments({ c, mount }: DavRequest, pathOrUrl: string, base = mount): readonly string[] {
  const webRoot = c.get('webRoot')
  const path = pathOrUrl.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return davSegments(path.startsWith(`${webRoot}/`) ? path.slice(webRoot.length) : path, base)
}

/** An href of the DAV server from decoded segments, those of the mount included. */
export function davHref(
  segments: readonly string[],
  isCollection: boolean,
  mount: DavMount = DAV_MOUNT,
): string {
  const path = segments.slice(mount.segments.length).map(encodeSegment).join('/')
  return `${mount.base}/${path}${isCollection && path !== '' ? '/' : ''}`
}

/** As sabre/dav encodes: letters, digits and `-_.~()` stay; hexadecimal digits are small. */
function encodeSegment(segment: string): string {
  // Most names are plain, and lists have many.
  if (/^[\w.~()-]*$/.test(segment)) return segment
  return encodeURIComponent(segment)
    .replace(/[!'*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
}
