import { childOf } from '../../../../../xml/xml.js'
import { fileTreeOf, type FileTree } from '../../../file-tree.js'
import { PayloadTooLargeError, readUpload } from '../../../uploads.js'
import { emptyAnswer } from '../answers.js'
import { alreadyExists, badRequest, conflict, DavError, forbidden } from '../dav-error.js'
import { clark } from '../names.js'
import { propertiesToSet } from '../property-update.js'
import { xmlBody, type DavRequest } from '../request.js'
import { refuseBadName } from './file-names.js'
import { nodeAt } from './place.js'
import { fullFileId } from './properties.js'
import { applyChanges, isRefused } from './property-changes.js'

/**
 * PUT: makes a file (201) or replaces its content (204).
 *
 * @throws {DavError} 400 for bad names and headers, 404 without the folder, 409 where a folder is, 413
 */
export async function putFile(
  request: DavRequest,
  tree: FileTree,
  path: readonly string[],
): Promise<Response> {
  const { ctx, c } = request
  if (c.req.header('content-range') !== undefined) {
    throw badRequest('Content-Range on PUT requests are forbidden.')
  }
  const mtimeSeconds = modificationTime(request)
  const name = path.at(-1)
  if (name === undefined || tree.at(path)?.kind === 'folder') {
    throw conflict('PUT is not allowed on non-files.')
  }
  const folder = nodeAt(tree, path.slice(0, -1))
  if (folder.kind === 'file') throw conflict('Files can only be created as children of collections')
  const isNew = !folder.children.has(name)
  if (isNew) refuseBadName(folder, name)
  const content = await uploaded(request)
  // Whatever came between is no longer certain: the folder may be gone.
  const target = nodeAt(tree, path.slice(0, -1))
  if (target.kind === 'file' || tree.at(path)?.kind === 'folder') {
    throw conflict('PUT is not allowed on non-files.')
  }
  const nowSeconds = ctx.clock.nowSeconds()
  const file = tree.write(target, name, content, nowSeconds)
  if (mtimeSeconds !== undefined) tree.touch(file, { mtimeSeconds }, nowSeconds)
  return emptyAnswer(c, isNew ? 201 : 204, {
    etag: `"${file.etag}"`,
    'oc-etag': `"${file.etag}"`,
    'oc-fileid': fullFileId(ctx, file),
    ...(mtimeSeconds === undefined ? {} : { 'x-oc-mtime': 'accepted' }),
  })
}

async function uploaded({ ctx, c }: DavRequest): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readUpload(ctx, c)
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error
    throw new DavError(413, 'EntityTooLarge', 'The file is too large', {
      exceptionClass: 'OCA\\DAV\\Connector\\Sabre\\Exception\\EntityTooLarge',
    })
  }
}

/** The time that X-OC-MTime asks for, seconds. */
function modificationTime({ c }: DavRequest): number | undefined {
  const header = c.req.header('x-oc-mtime')?.trim()
  if (header === undefined) return undefined
  if (!/^\d{1,12}(\.\d+)?$/.test(header))
    throw badRequest('X-OC-MTime header must be an integer (unix timestamp).')
  return Math.floor(Number(header))
}

/**
 * MKCOL, with a body an extended one (RFC 5689).
 *
 * @throws {DavError} 400, 405 where something is already, 409 without the folder above, 415 for another kind of body
 */
export async function makeFolder(
  request: DavRequest,
  tree: FileTree,
  path: readonly string[],
): Promise<Response> {
  const { ctx, c, userId } = request
  const changes = await extendedMkcol(request)
  const name = path.at(-1)
  if (name === undefined || tree.at(path) !== undefined) throw alreadyExists()
  const parent = tree.at(path.slice(0, -1))
  if (parent === undefined) throw conflict('Parent node does not exist')
  if (parent.kind === 'file') throw conflict('Parent node is not a collection')
  refuseBadName(parent, name)
  if (changes.some(isRefused)) throw forbidden('A property of the new collection cannot be set')
  const folder = tree.makeFolder(parent, name, ctx.clock.nowSeconds())
  applyChanges(ctx, fileTreeOf(ctx, userId), folder, changes)
  return emptyAnswer(c, 201, { 'oc-fileid': fullFileId(ctx, folder) })
}

async function extendedMkcol(request: DavRequest): Promise<ReturnType<typeof propertiesToSet>> {
  const contentType = request.c.req.header('content-type') ?? ''
  const body = await xmlBody(request).catch((error: unknown) => {
    if (/^(?:application|text)\/xml\b/i.test(contentType)) throw error
    throw new DavError(
      415,
      'UnsupportedMediaType',
      'The request body for the MKCOL request must have an xml Content-Type',
    )
  })
  if (body === undefined) return []
  if (body.name !== clark('d', 'mkcol')) throw badRequest('The body is not a mkcol document')
  const changes = propertiesToSet(body)
  const type = changes.find(({ name }) => name === clark('d', 'resourcetype'))?.value
  if (type === undefined || type === null) {
    throw badRequest('The mkcol request must include a {DAV:}resourcetype property')
  }
  if (childOf(type, clark('d', 'collection')) === undefined || type.children.length > 1) {
    throw new DavError(
      403,
      'InvalidResourceType',
      'The {DAV:}resourcetype you specified is not supported here.',
    )
  }
  return changes.filter(({ name }) => name !== clark('d', 'resourcetype'))
}

/** DELETE. @throws {DavError} 403 for the home folder, 404 */
export function deleteNode({ ctx, c }: DavRequest, tree: FileTree, path: readonly string[]): Response {
  const node = nodeAt(tree, path)
  if (node.parent === null) throw forbidden('The home folder cannot be deleted')
  tree.remove(node, ctx.clock.nowSeconds())
  return emptyAnswer(c, 204)
}
