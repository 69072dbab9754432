import { childOf, childrenOf, parseXml, XmlSyntaxError, type XmlElement } from '../../xml/xml.js'
import { NextcloudFailure } from '../nextcloud-errors.js'

const D = '{DAV:}'

/** One response of a 207 answer. */
export interface DavEntry {
  /** Decoded path, without origin. */
  readonly path: string
  /** Properties that the resource has, by Clark name. */
  readonly properties: ReadonlyMap<string, XmlElement>
}

/**
 * Reads a multistatus body (RFC 4918, 13). Responses with a status of their own (a missing resource of a multiget) are
 * left out.
 *
 * @throws {NextcloudFailure} when it is none.
 */
export function readMultistatus(body: Buffer): readonly DavEntry[] {
  const root = parse(body)
  if (root.name !== `${D}multistatus`)
    throw new NextcloudFailure('Nextcloud gave an answer that is no multistatus')
  return childrenOf(root, `${D}response`)
    .filter((response) => childOf(response, `${D}status`) === undefined)
    .map((response) => ({
      path: decodedPath(childOf(response, `${D}href`)?.text ?? ''),
      properties: new Map(
        childrenOf(response, `${D}propstat`)
          .filter((propstat) => / 200( |$)/.test(childOf(propstat, `${D}status`)?.text ?? ''))
          .flatMap((propstat) => childOf(propstat, `${D}prop`)?.children ?? [])
          .map((property) => [property.name, property]),
      ),
    }))
}

/** The text of a property; `undefined` when the resource does not have it. */
export function propertyText(entry: DavEntry, name: string): string | undefined {
  return entry.properties.get(name)?.text
}

/** Whether the resource's type has this member, e.g. `{DAV:}collection`. */
export function hasType(entry: DavEntry, name: string): boolean {
  return childOf(entry.properties.get(`${D}resourcetype`), name) !== undefined
}

/** Last segment of a decoded path, a trailing slash left out. */
export function lastSegment(path: string): string {
  return path.split('/').findLast((segment) => segment !== '') ?? ''
}

/** A path below the DAV root from decoded segments, percent-encoded. */
export function davPath(segments: readonly string[]): string {
  return `/remote.php/dav/${segments.map(encodeURIComponent).join('/')}`
}

function parse(body: Buffer): XmlElement {
  try {
    return parseXml(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof XmlSyntaxError)) throw error
    throw new NextcloudFailure('Nextcloud gave an answer that is no XML', { cause: error })
  }
}

function decodedPath(href: string): string {
  const path = href.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
