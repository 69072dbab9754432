import type { NextcloudClient } from '../nextcloud-client.js'
import type { AreaScope } from '../scopes.js'

/** A resource with a fixed URI. */
export interface Resource {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: 'application/json'
  /** What a token needs for it; absent when any will do. */
  readonly scope?: AreaScope
  /** The content; it is sent as JSON text. */
  read(nextcloud: NextcloudClient): Promise<unknown>
}

/** A file as the content of a resource: sent as text or as Base64, as it is. */
export class FileContent {
  /** Without parameters. */
  readonly mediaType: string
  readonly bytes: Buffer

  constructor(mediaType: string, bytes: Buffer) {
    this.mediaType = mediaType
    this.bytes = bytes
  }
}

/** A family of resources whose URIs share a template (RFC 6570). */
export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title: string
  readonly description: string
  /** Absent when the members of the family differ in it. */
  readonly mimeType?: 'application/json'
  /** What a token needs for its members. */
  readonly scope: AreaScope
  /** A `FileContent`, or what is sent as JSON text. Returns `undefined` when the URI is not of this family. */
  read(uri: string, nextcloud: NextcloudClient): Promise<unknown> | undefined
}
