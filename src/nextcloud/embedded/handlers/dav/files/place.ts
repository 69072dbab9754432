import { fileTreeOf, type FileTree, type FolderNode, type TreeNode } from '../../../file-tree.js'
import { DavError, forbidden, notFound } from '../dav-error.js'
import { davHref, sentSegments, type DavRequest } from '../request.js'

/** What a path below `files` stands for. */
export type Place =
  /** `files` itself: the homes of all users, which nobody may list. */
  | { readonly kind: 'homes' }
  /** Somewhere in the caller's own files; no names are the home folder. */
  | { readonly kind: 'own'; readonly tree: FileTree; readonly path: readonly string[] }
  /** Somewhere in the files of another user, of which nothing but the home's existence is shown. */
  | { readonly kind: 'foreign'; readonly owner: string; readonly path: readonly string[] }

/**
 * @param segments decoded, `files` first
 * @throws {DavError} 404 for the home of nobody.
 */
export function placeOf({ ctx, userId }: DavRequest, segments: readonly string[]): Place {
  const [, owner, ...path] = segments
  if (owner === undefined) return { kind: 'homes' }
  if (owner === userId) {
    refuseNul(ctx.profile.quirks.badInputIs500, path)
    return { kind: 'own', tree: fileTreeOf(ctx, userId), path }
  }
  if (!ctx.store.users.has(owner)) throw notFound(`Principal with name ${owner} not found`)
  return { kind: 'foreign', owner, path }
}

/**
 * The place that the Destination header names, as a URL or an absolute path.
 *
 * @throws {DavError} 400 without the header, 403 when it names no file.
 */
export function destinationOf(request: DavRequest): Place {
  const destination = request.c.req.header('destination')
  if (destination === undefined || destination === '') {
    throw new DavError(400, 'BadRequest', 'The destination header was not supplied')
  }
  const segments = sentSegments(request, destination)
  if (segments[0] !== 'files') throw forbidden('The destination is no place for a file')
  return placeOf(request, segments)
}

/**
 * The node at a path.
 *
 * @throws {DavError} 404 that names the first part of the path which is not there.
 */
export function nodeAt(tree: FileTree, path: readonly string[]): TreeNode {
  const node = tree.at(path)
  if (node !== undefined) return node
  const length = path.findIndex((_name, index) => tree.at(path.slice(0, index + 1)) === undefined) + 1
  const missing = path.slice(0, length)
  // The home's own path is a slash, to which another one is added.
  throw notFound(
    `File with name ${missing.length === 1 ? '/' : ''}/${missing.join('/')} could not be located`,
  )
}

/** Where a new node is to be made: the folder and the name in it. */
export interface NewPlace {
  readonly folder: FolderNode
  readonly name: string
}

/** Href of a node of the caller's own files. */
export function fileHref({ userId, mount }: DavRequest, path: readonly string[], isFolder: boolean): string {
  return davHref(['files', userId, ...path], isFolder, mount)
}

/** What a foreign place answers: it has no members and takes none. */
export function noSuchForeignFile(owner: string, path: readonly string[]): DavError {
  return notFound(`File not found: ${path[0] ?? ''} in '${owner}'`)
}

function refuseNul(badInputIs500: boolean, path: readonly string[]): void {
  if (!path.some((name) => name.includes('\0'))) return
  const message = 'realpath(): Argument #1 ($path) must not contain any null bytes'
  throw badInputIs500
    ? new DavError(500, 'ValueError', message, { exceptionClass: 'ValueError' })
    : new DavError(400, 'BadRequest', 'The path contains a NUL character')
}
