import { isWithin, type FileTree } from '../../../file-tree.js'
import { emptyAnswer } from '../answers.js'
import { badRequest, conflict, DavError, forbidden } from '../dav-error.js'
import { preconditionFailed } from '../preconditions.js'
import type { DavRequest } from '../request.js'
import { refuseBadName } from './file-names.js'
import { destinationOf, nodeAt, type NewPlace } from './place.js'
import { fullFileId } from './properties.js'

/**
 * MOVE and COPY (RFC 4918, 9.8 and 9.9) within the caller's own files: 201, or 204 when something was replaced.
 *
 * @throws {DavError} 400, 403 for other users' files, a source that is its own destination and the home folder,
 * 404 without the source, 409 without the destination's folder and into the source itself, 412 with `Overwrite: F`
 */
export function transfer(request: DavRequest, tree: FileTree, path: readonly string[]): Response {
  const { ctx, c, method } = request
  const isOverwriting = overwriteOf(request)
  const target = targetOf(request, tree)
  const source = nodeAt(tree, path)
  const isShallow = method === 'COPY' && c.req.header('depth') === '0'
  const { folder, name } = target
  const existing = folder.children.get(name)
  if (existing !== undefined && !isOverwriting) {
    throw preconditionFailed(
      'The destination node already exists, and the overwrite header is set to false',
      'Overwrite',
    )
  }
  if (existing === source) throw forbidden('Source and destination uri are identical.')
  if (source.parent === null) throw forbidden('The home folder cannot be moved or copied')
  if (isWithin(folder, source)) {
    throw conflict('The destination may not be part of the same subtree as the source path.')
  }
  if (existing !== undefined && isWithin(source, existing)) {
    throw conflict('The source may not be part of what the destination replaces.')
  }
  refuseBadName(folder, name, source)
  const nowSeconds = ctx.clock.nowSeconds()
  if (existing !== undefined) tree.remove(existing, nowSeconds)
  if (method === 'MOVE') tree.move(source, folder, name, nowSeconds)
  const result = method === 'MOVE' ? source : tree.copy(source, folder, name, nowSeconds, isShallow)
  const etag = `"${result.etag}"`
  return emptyAnswer(c, existing === undefined ? 201 : 204, {
    ...(method === 'MOVE' && result.kind === 'file' ? { etag, 'oc-etag': etag } : {}),
    'oc-fileid': fullFileId(ctx, result),
  })
}

function overwriteOf({ c }: DavRequest): boolean {
  const header = c.req.header('overwrite')?.toUpperCase() ?? 'T'
  if (header !== 'T' && header !== 'F') {
    throw badRequest('The HTTP Overwrite header should be either T or F')
  }
  return header === 'T'
}

function targetOf(request: DavRequest, tree: FileTree): NewPlace {
  const place = destinationOf(request)
  if (place.kind === 'homes') throw forbidden('Permission denied to create a home')
  const name = place.path.at(-1)
  if (place.kind === 'foreign') {
    throw name !== undefined && place.path.length > 1
      ? conflict('The destination node is not found')
      : forbidden(`Permission denied to create file (filename ${name ?? place.owner})`)
  }
  if (name === undefined) throw forbidden('The home folder cannot be replaced')
  const folder = tree.at(place.path.slice(0, -1))
  if (folder === undefined) throw conflict('The destination node is not found')
  if (folder.kind === 'file') {
    throw new DavError(415, 'UnsupportedMediaType', 'The destination node is not a collection')
  }
  return { folder, name }
}
