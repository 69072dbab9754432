import { descendants, childrenOf, pathOf, type FileTree, type TreeNode } from '../../../file-tree.js'
import { optionsAnswer } from '../answers.js'
import { ALLOWED_METHODS, DavError, forbidden, notFound, notImplemented } from '../dav-error.js'
import { multistatus, propertyRequest, type DavResource, type MultistatusStyle } from '../multistatus.js'
import { clark } from '../names.js'
import { checkPreconditions } from '../preconditions.js'
import { currentUserPrincipal } from '../principals/principal.js'
import { davHref, depthOf, xmlBody, type DavRequest } from '../request.js'
import type { DavRoot } from '../routes.js'
import { nodeAt, noSuchForeignFile, placeOf, type Place } from './place.js'
import { fileResource } from './properties.js'
import { patchProperties } from './property-changes.js'
import { folderAnswer, readAnswer } from './read.js'
import { reportFiles } from './report.js'
import { transfer } from './transfer.js'
import { deleteNode, makeFolder, putFile } from './write.js'

const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, ' +
  'nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'
const STYLE: MultistatusStyle = { prefixes: ['d', 's', 'oc', 'nc'], features: FEATURES }

/** The users' files: everybody's own tree, and of the others that they exist. */
export const filesRoot: DavRoot = {
  name: 'files',
  async handle(request) {
    try {
      const place = placeOf(request, request.segments)
      return place.kind === 'own'
        ? await handleOwn(request, place.tree, place.path)
        : await handleOther(request, place)
    } catch (error) {
      if (error instanceof DavError && error.status === 404 && request.method === 'PROPFIND') {
        throw withFeatures(error)
      }
      throw error
    }
  },
}

async function handleOwn(request: DavRequest, tree: FileTree, path: readonly string[]): Promise<Response> {
  const { c, method } = request
  const found = tree.at(path)
  if (method === 'OPTIONS') {
    return optionsAnswer(c, FEATURES, found === undefined ? `${ALLOWED_METHODS}, MKCOL` : ALLOWED_METHODS)
  }
  const etag = found === undefined ? undefined : `"${found.etag}"`
  const isUnchanged = checkPreconditions(c, etag, found?.mtimeSeconds)
  switch (method) {
    case 'PUT':
      return putFile(request, tree, path)
    case 'MKCOL':
      return makeFolder(request, tree, path)
    case 'DELETE':
      return deleteNode(request, tree, path)
    case 'MOVE':
    case 'COPY':
      return transfer(request, tree, path)
    case 'GET':
    case 'HEAD':
      return readAnswer(request, nodeAt(tree, path), isUnchanged)
    case 'PROPFIND':
      return findProperties(request, nodeAt(tree, path))
    case 'PROPPATCH':
      return patchProperties(request, tree, nodeAt(tree, path), path)
    case 'REPORT':
      return reportFiles(request, nodeAt(tree, path))
    default:
      throw notImplemented(method)
  }
}

async function findProperties(request: DavRequest, node: TreeNode): Promise<Response> {
  const wanted = propertyRequest(await xmlBody(request))
  const resources: DavResource[] = []
  const path = pathOf(node)
  const depth = depthOf(request, Infinity)
  if (depth === Infinity) {
    for (const each of descendants(node)) resources.push(fileResource(request, each))
  } else {
    resources.push(fileResource(request, node, path))
    const children = depth === 0 || node.kind === 'file' ? [] : childrenOf(node)
    for (const child of children) resources.push(fileResource(request, child, [...path, child.name]))
  }
  return multistatus(request, resources, wanted, STYLE)
}

/** The homes' list, and other users' homes: collections that show nothing and take nothing. */
async function handleOther(request: DavRequest, place: Exclude<Place, { kind: 'own' }>): Promise<Response> {
  const { c, method, segments, userId, mount } = request
  const path = place.kind === 'foreign' ? place.path : []
  const [name] = path
  if (name !== undefined && place.kind === 'foreign') {
    const isDirect = path.length === 1
    if (method === 'PUT' && isDirect) throw forbidden(`Permission denied to create file (filename ${name})`)
    if (method === 'MKCOL' && isDirect) throw forbidden('Permission denied to create directory')
    throw noSuchForeignFile(place.owner, path)
  }
  switch (method) {
    case 'OPTIONS':
      return optionsAnswer(c, FEATURES)
    case 'GET':
    case 'HEAD':
      return folderAnswer(request)
    case 'PROPFIND': {
      if (place.kind === 'homes' && depthOf(request, Infinity) > 0) {
        throw new DavError(405, 'MethodNotAllowed', 'Listing members of this collection is disabled', {
          headers: { allow: ALLOWED_METHODS },
        })
      }
      const properties = new Map([
        [clark('d', 'resourcetype'), '<d:collection/>'],
        [clark('d', 'current-user-principal'), currentUserPrincipal(userId)],
      ])
      const home: DavResource = {
        href: davHref(segments, true, mount),
        property: (property) => properties.get(property),
        allProperties: [clark('d', 'resourcetype')],
      }
      return multistatus(request, [home], propertyRequest(await xmlBody(request)), STYLE)
    }
    case 'PUT':
    case 'DELETE':
    case 'MOVE':
    case 'COPY':
    case 'MKCOL':
    case 'PROPPATCH':
      throw forbidden('Permission denied')
    case 'REPORT':
      throw notFound('There is nothing to report')
    default:
      throw notImplemented(method)
  }
}

/** PROPFIND sets these headers before it looks for the resource. */
function withFeatures({ status, message, exceptionClass, options }: DavError): DavError {
  return new DavError(status, '', message, {
    ...options,
    exceptionClass,
    headers: { ...options.headers, dav: FEATURES, vary: 'Brief,Prefer' },
  })
}
