import { respond } from '../../../responses.js'
import { randomAlphanumeric } from '../../oidc/random.js'
import type { FileNode, TreeNode } from '../../../file-tree.js'
import { mediaTypeOf } from '../../../media-types.js'
import { DavError, davHeaders } from '../dav-error.js'
import type { DavRequest } from '../request.js'
import { fullFileId, httpDate } from './properties.js'

const FOLDER_TEXT = 'A folder of a WebDAV server: open it with a WebDAV client.\n'

/**
 * GET and HEAD, of a folder too.
 *
 * @param isUnchanged the client has it already: 304
 * @throws {DavError} 416
 */
export function readAnswer(request: DavRequest, node: TreeNode, isUnchanged: boolean): Response {
  if (node.kind === 'folder') return folderAnswer(request)
  const { c, method, ctx } = request
  const token = randomAlphanumeric(20)
  const headers = {
    ...davHeaders(contentTypeOf(node)),
    'content-disposition': dispositionOf(node.name),
    etag: `"${node.etag}"`,
    'oc-etag': `"${node.etag}"`,
    'last-modified': httpDate(node.mtimeSeconds),
    // HEAD is answered by way of GET, which sets these two a second time.
    'x-accel-buffering': method === 'HEAD' ? 'no, no' : 'no',
    'x-debug-token': method === 'HEAD' ? `${token}, ${token}` : token,
  }
  if (isUnchanged) return respond(c, 304, null, { ...headers, 'oc-fileid': fullFileId(ctx, node) })
  const range = method === 'GET' ? rangeOf(request, node) : undefined
  if (range !== undefined) {
    return respond(c, 206, node.content.subarray(range.first, range.last + 1), {
      ...headers,
      'content-length': String(range.last - range.first + 1),
      'content-range': `bytes ${range.first}-${range.last}/${node.content.length}`,
    })
  }
  return respond(c, 200, node.content, {
    ...headers,
    'content-length': String(node.content.length),
  })
}

/** What a GET of a folder is answered with: there is nothing to see without a WebDAV client. */
export function folderAnswer({ c }: DavRequest): Response {
  return respond(c, 200, FOLDER_TEXT, davHeaders('text/html; charset=UTF-8'))
}

interface ByteRange {
  readonly first: number
  readonly last: number
}

/** The one range that is asked for; `undefined` for none, several, or one of another version of the file. */
function rangeOf({ c }: DavRequest, node: FileNode): ByteRange | undefined {
  const size = node.content.length
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(c.req.header('range')?.trim() ?? '') ?? []
  if ((from === '' && to === '') || !isCurrent(c.req.header('if-range'), node)) return undefined
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (first >= size)
    throw notSatisfiable(`The start offset (${first}) exceeded the size of the entity (${size})`)
  if (to !== '' && from !== '' && Number(to) < first) {
    throw notSatisfiable(`The end offset (${to}) is lower than the start offset (${from})`)
  }
  return { first, last }
}

/** If-Range (RFC 9110, 13.1.5): a part is of use only for the version of which the client has the rest. */
function isCurrent(ifRange: string | undefined, node: FileNode): boolean {
  if (ifRange === undefined) return true
  return ifRange.includes('"')
    ? ifRange.trim() === `"${node.etag}"`
    : Date.parse(ifRange) / 1000 >= node.mtimeSeconds
}

function notSatisfiable(message: string): DavError {
  return new DavError(416, 'RequestedRangeNotSatisfiable', message)
}

function contentTypeOf({ name }: FileNode): string {
  const type = mediaTypeOf(name)
  return type.startsWith('text/') ? `${type};charset=UTF-8` : type
}

function dispositionOf(name: string): string {
  const encoded = encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename*=UTF-8''${encoded}; filename="${encoded}"`
}
