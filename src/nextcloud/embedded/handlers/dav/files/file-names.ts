import { Buffer } from 'node:buffer'
import { descendants, pathOf, type FolderNode, type TreeNode } from '../../../file-tree.js'
import { DavError } from '../dav-error.js'
import { escapeXml } from '../../../../../xml/xml.js'

/** Names that Nextcloud refuses by default; the capabilities publish them too. */
export const FORBIDDEN_NAMES = {
  names: ['.htaccess'],
  characters: ['\\', '/'],
  suffixes: ['.filepart', '.part'],
} as const

/** As the columns of Nextcloud's file cache. */
const MAX_NAME_LENGTH = 250
const MAX_PATH_BYTES = 4_000

/**
 * Whether a node may get this name in this folder.
 *
 * @param moved what comes there with all below it; omit for something new.
 * @throws {DavError} 400
 */
export function refuseBadName(folder: FolderNode, name: string, moved?: TreeNode): void {
  const lower = name.toLowerCase()
  const character = FORBIDDEN_NAMES.characters.find((forbidden) => name.includes(forbidden))
  const suffix = FORBIDDEN_NAMES.suffixes.find((forbidden) => lower.endsWith(forbidden))
  if (name.trim() === '') throw invalidName('Filename is empty')
  if (name === '.' || name === '..') throw invalidName('Filename is a dot segment')
  if (FORBIDDEN_NAMES.names.some((reserved) => reserved === lower)) {
    throw invalidName('Filename is a reserved word')
  }
  if (character !== undefined) {
    throw invalidName(`"${character}" is not allowed inside a file or folder name.`)
  }
  if (/[\u0000-\u001f\u007f]/.test(name)) throw invalidName('Filename contains control characters')
  if (suffix !== undefined) throw invalidName(`"${suffix}" is a forbidden file type.`)
  if (Array.from(name).length > MAX_NAME_LENGTH) throw invalidName('Filename is too long')
  const above = Buffer.byteLength([...pathOf(folder), name].join('/'))
  if (above + (moved === undefined ? 0 : longestBelow(moved)) > MAX_PATH_BYTES) {
    throw invalidName('Path is too long')
  }
}

/** Bytes of the longest path below a node. */
function longestBelow(node: TreeNode): number {
  const own = pathOf(node).length
  let longest = 0
  for (const below of descendants(node)) {
    longest = Math.max(longest, Buffer.byteLength(pathOf(below).slice(own).join('/')))
  }
  return longest
}

function invalidName(message: string): DavError {
  const escaped = escapeXml(message).replaceAll('&quot;', '"')
  return new DavError(400, 'InvalidPath', message, {
    exceptionClass: 'OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath',
    extraNamespaces: ' xmlns:o="http://owncloud.org/ns"',
    extraXml: `  <o:retry xmlns:o="o:">false</o:retry>\n  <o:reason xmlns:o="o:">${escaped}</o:reason>`,
  })
}
