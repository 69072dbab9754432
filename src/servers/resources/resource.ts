import type { NextcloudClient } from '../nextcloud-client.js'

/** A resource with a fixed URI. */
export interface Resource {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: 'application/json'
  /** The content; it is sent as JSON text. */
  read(nextcloud: NextcloudClient): Promise<unknown>
}

/** A family of resources whose URIs share a template (RFC 6570). */
export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: 'application/json'
  /** Returns `undefined` when the URI is not of this family. */
  read(uri: string, nextcloud: NextcloudClient): Promise<unknown> | undefined
}
