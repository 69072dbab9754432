import {
  davPath,
  hasType,
  lastSegment,
  propertyText,
  readMultistatus,
  type DavEntry,
} from '../dav/multistatus.js'
import type { NextcloudClient, NextcloudResponse } from '../nextcloud-client.js'

const D = '{DAV:}'
const PROPFIND =
  '<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getcontentlength/>' +
  '<d:getcontenttype/><d:getlastmodified/><d:getetag/></d:prop></d:propfind>'

/** What a folder holds. */
export interface DirectoryItem {
  readonly name: string
  /** From the user's home, without leading slash. */
  readonly path: string
  readonly is_directory: boolean
  /** Bytes; `null` for folders. */
  readonly size: number | null
  readonly content_type: string | null
  /** HTTP date. */
  readonly last_modified: string | null
  readonly etag: string | null
}

/** `PROPFIND` with depth 1; `undefined` when a file is there. */
export async function listFolder(
  nextcloud: NextcloudClient,
  names: readonly string[],
): Promise<readonly DirectoryItem[] | undefined> {
  const { body } = await nextcloud.request({
    method: 'PROPFIND',
    path: await filePath(nextcloud, names),
    headers: { Depth: '1', 'Content-Type': 'application/xml', Accept: 'application/xml' },
    body: PROPFIND,
  })
  const [self, ...items] = readMultistatus(body)
  if (self === undefined || !hasType(self, `${D}collection`)) return undefined
  return items.map((entry) => itemOf(entry, names))
}

function itemOf(entry: DavEntry, folder: readonly string[]): DirectoryItem {
  const name = lastSegment(entry.path)
  const isFolder = hasType(entry, `${D}collection`)
  return {
    name,
    path: [...folder, name].join('/'),
    is_directory: isFolder,
    size: isFolder ? null : Number(propertyText(entry, `${D}getcontentlength`) ?? 0),
    content_type: propertyText(entry, `${D}getcontenttype`) ?? null,
    last_modified: propertyText(entry, `${D}getlastmodified`) ?? null,
    etag: propertyText(entry, `${D}getetag`)?.replaceAll('"', '') ?? null,
  }
}

/** `GET`; `undefined` when a folder is there, for which Nextcloud answers with a page. */
export async function readFile(
  nextcloud: NextcloudClient,
  names: readonly string[],
): Promise<NextcloudResponse | undefined> {
  const response = await nextcloud.request({
    path: await filePath(nextcloud, names),
    headers: { Accept: '*/*' },
  })
  return response.headers.has('ETag') ? response : undefined
}

/** `PUT`, whatever was there. */
export async function writeFile(
  nextcloud: NextcloudClient,
  names: readonly string[],
  body: Buffer,
  contentType: string,
): Promise<NextcloudResponse> {
  const path = await filePath(nextcloud, names)
  return nextcloud.request({ method: 'PUT', path, body, headers: { 'Content-Type': contentType } })
}

/** `MKCOL` or `DELETE`. */
export async function callPlain(
  nextcloud: NextcloudClient,
  method: 'MKCOL' | 'DELETE',
  names: readonly string[],
): Promise<NextcloudResponse> {
  return nextcloud.request({ method, path: await filePath(nextcloud, names) })
}

/** `MOVE` or `COPY`. */
export async function transfer(
  nextcloud: NextcloudClient,
  method: 'MOVE' | 'COPY',
  source: readonly string[],
  destination: readonly string[],
  isOverwriting: boolean,
): Promise<NextcloudResponse> {
  return nextcloud.request({
    method,
    path: await filePath(nextcloud, source),
    headers: {
      // A path rather than a URL: a proxy may give Nextcloud another name than the one that we call.
      Destination: nextcloud.basePath + (await filePath(nextcloud, destination)),
      Overwrite: isOverwriting ? 'T' : 'F',
    },
  })
}

async function filePath(nextcloud: NextcloudClient, names: readonly string[]): Promise<string> {
  return davPath(['files', await nextcloud.userId(), ...names])
}
