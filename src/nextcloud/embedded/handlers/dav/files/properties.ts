import { escapeXml } from '../../../../../xml/xml.js'
import type { EmbeddedContext } from '../../../context.js'
import { pathOf, sizeOf, type TreeNode } from '../../../file-tree.js'
import { mediaTypeOf } from '../../../media-types.js'
import { instanceId } from '../../../session.js'
import type { DavResource } from '../multistatus.js'
import { clark } from '../names.js'
import { currentUserPrincipal } from '../principals/principal.js'
import type { DavRequest } from '../request.js'
import { fileHref } from './place.js'

interface Asked {
  readonly request: DavRequest
  readonly node: TreeNode
}

type Property = (asked: Asked) => string | undefined

const quoted = (etag: string): string => `&quot;${etag}&quot;`
const onlyFiles = (value: (node: TreeNode & { kind: 'file' }) => string): Property => {
  return ({ node }) => (node.kind === 'file' ? value(node) : undefined)
}
const onlyFolders = (value: (node: TreeNode & { kind: 'folder' }) => string): Property => {
  return ({ node }) => (node.kind === 'folder' ? value(node) : undefined)
}
const countOf = (kind: TreeNode['kind']): Property =>
  onlyFolders(({ children }) => {
    let count = 0
    for (const child of children.values()) if (child.kind === kind) count += 1
    return String(count)
  })

/** The live properties of files and folders, by Clark name; the values are XML. */
const PROPERTIES: ReadonlyMap<string, Property> = new Map<string, Property>([
  [clark('d', 'displayname'), ({ request, node }) => escapeXml(nameOf(request, node))],
  [clark('d', 'getlastmodified'), ({ node }) => httpDate(node.mtimeSeconds)],
  [clark('d', 'creationdate'), ({ node }) => isoDate(node.createdSeconds)],
  [clark('d', 'getcontentlength'), onlyFiles(({ content }) => String(content.length))],
  [clark('d', 'resourcetype'), ({ node }) => (node.kind === 'folder' ? '<d:collection/>' : '')],
  [clark('d', 'quota-used-bytes'), onlyFolders(({ size }) => String(size))],
  [clark('d', 'quota-available-bytes'), onlyFolders(() => '-3')],
  [clark('d', 'getetag'), ({ node }) => quoted(node.etag)],
  [clark('d', 'getcontenttype'), onlyFiles(({ name }) => escapeXml(mediaTypeOf(name)))],
  [clark('d', 'current-user-principal'), ({ request }) => currentUserPrincipal(request.userId)],
  [clark('oc', 'id'), ({ request, node }) => fullFileId(request.ctx, node)],
  [clark('oc', 'fileid'), ({ node }) => String(node.id)],
  [clark('oc', 'favorite'), ({ node }) => (node.favorite ? '1' : '0')],
  [clark('oc', 'permissions'), ({ node }) => (node.kind === 'folder' ? 'RGDNVCK' : 'RGDNVW')],
  [clark('oc', 'size'), ({ node }) => String(sizeOf(node))],
  [clark('oc', 'owner-id'), ({ request }) => escapeXml(request.userId)],
  [clark('oc', 'owner-display-name'), ({ request }) => escapeXml(displayNameOf(request))],
  [clark('oc', 'share-types'), () => ''],
  [clark('oc', 'comments-unread'), () => '0'],
  [clark('nc', 'has-preview'), () => 'false'],
  [clark('nc', 'mount-type'), () => ''],
  [clark('nc', 'is-encrypted'), onlyFolders(() => '0')],
  [clark('nc', 'hidden'), () => 'false'],
  [clark('nc', 'creation_time'), ({ node }) => String(node.createdSeconds)],
  [clark('nc', 'upload_time'), ({ node }) => String(node.createdSeconds)],
  [clark('nc', 'contained-folder-count'), countOf('folder')],
  [clark('nc', 'contained-file-count'), countOf('file')],
])

/** What a request for all properties is answered with. */
const ALL_PROPERTIES = {
  folder: ['getlastmodified', 'resourcetype', 'quota-used-bytes', 'quota-available-bytes', 'getetag'],
  file: ['getlastmodified', 'getcontentlength', 'resourcetype', 'getetag', 'getcontenttype'],
}
const ALL_NAMES: Readonly<Record<TreeNode['kind'], readonly string[]>> = {
  folder: ALL_PROPERTIES.folder.map((name) => clark('d', name)),
  file: ALL_PROPERTIES.file.map((name) => clark('d', name)),
}

/** Live properties cannot be changed but for those that `property-changes.ts` knows. */
export function isLiveProperty(name: string): boolean {
  return PROPERTIES.has(name)
}

/** A node as PROPFIND, SEARCH and REPORT list it. */
export function fileResource(request: DavRequest, node: TreeNode, path = pathOf(node)): DavResource {
  const asked = { request, node }
  return {
    href: fileHref(request, path, node.kind === 'folder'),
    property: (name) => {
      const live = PROPERTIES.get(name)
      return live === undefined ? node.deadProperties.get(name) : live(asked)
    },
    allProperties: ALL_NAMES[node.kind],
  }
}

/** The file id as the `oc-fileid` header has it: eight digits or more, and the instance's id. */
export function fullFileId(ctx: EmbeddedContext, node: TreeNode): string {
  return String(node.id).padStart(8, '0') + instanceId(ctx)
}

/** As in the Last-Modified header; times beyond what a date can tell count as the epoch. */
export function httpDate(seconds: number): string {
  return dateOf(seconds).toUTCString()
}

function isoDate(seconds: number): string {
  return dateOf(seconds).toISOString().replace('.000Z', '+00:00')
}

function dateOf(seconds: number): Date {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}

function nameOf({ userId }: DavRequest, node: TreeNode): string {
  return node.parent === null ? userId : node.name
}

function displayNameOf({ ctx, userId }: DavRequest): string {
  return ctx.store.users.get(userId)?.displayName ?? userId
}
