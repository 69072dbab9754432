import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { childOf, childrenOf, parseXml, type XmlElement } from '../../src/xml/xml.js'
import { basic, ORIGIN } from './core-visitor.js'

const D = '{DAV:}'

export interface Sent {
  readonly user?: 'alice' | 'bob'
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream
  readonly headers?: Readonly<Record<string, string>>
}

/** One response of a multistatus: properties (Clark name to text or child names) by their status. */
export interface Listed {
  readonly href: string
  readonly found: Readonly<Record<string, string>>
  readonly missing: readonly string[]
}

/** An embedded Nextcloud, called without a socket. */
export class FilesCloud {
  readonly nextcloud: EmbeddedNextcloud

  private constructor(nextcloud: EmbeddedNextcloud) {
    this.nextcloud = nextcloud
  }

  static async start(options: EmbeddedOptions = {}): Promise<FilesCloud> {
    return new FilesCloud(await startEmbeddedNextcloud(options))
  }

  /** @param path below the user's files, percent-encoded; one with `/remote.php` or `/index.php` is taken as it is. */
  async dav(method: string, path: string, { user = 'alice', body, headers }: Sent = {}): Promise<Response> {
    const { userId, password } = this.nextcloud.users[user]
    const full = /^\/(?:remote|index)\.php/.test(path)
      ? path
      : `/remote.php/dav/files/${encodeURIComponent(userId)}/${path}`
    return this.nextcloud.app.request(ORIGIN + full, {
      method,
      headers: { ...basic(userId, password), ...headers },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    })
  }

  async status(method: string, path: string, sent: Sent = {}): Promise<number> {
    return (await this.dav(method, path, sent)).status
  }

  /** PROPFIND of these properties, e.g. `<d:getetag/><oc:fileid/>`; empty asks for all. */
  async list(
    path: string,
    properties: string,
    depth = '1',
    user: 'alice' | 'bob' = 'alice',
  ): Promise<Listed[]> {
    const body = `<d:propfind ${DECLARED}><d:prop>${properties}</d:prop></d:propfind>`
    const response = await this.dav('PROPFIND', path, {
      user,
      headers: { depth },
      ...(properties === '' ? {} : { body }),
    })
    return readListing(response)
  }

  async text(path: string): Promise<string> {
    return (await this.dav('GET', path)).text()
  }

  /** Hrefs below alice's files, without their common beginning. */
  async tree(): Promise<string[]> {
    const entries = await this.list('', '<d:resourcetype/>', 'infinity')
    return entries
      .map(({ href }) => decodeURIComponent(href).replace('/remote.php/dav/files/alice/', ''))
      .slice(1)
  }
}

export const DECLARED =
  'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns" xmlns:z="urn:z"'

/** @throws when the answer is no multistatus */
export async function readListing(response: Response): Promise<Listed[]> {
  const text = await response.text()
  if (response.status !== 207) throw new Error(`status ${response.status}: ${text}`)
  return childrenOf(parseXml(text), `${D}response`).map((entry) => {
    const parts = childrenOf(entry, `${D}propstat`)
    const properties = (status: string): readonly XmlElement[] =>
      parts
        .filter((part) => childOf(part, `${D}status`)?.text.includes(status))
        .flatMap((part) => childOf(part, `${D}prop`)?.children ?? [])
    return {
      href: childOf(entry, `${D}href`)?.text ?? '',
      found: Object.fromEntries(
        properties(' 200 ').map(({ name, text: value, children }) => [
          local(name),
          children.length === 0 ? value : children.map((child) => local(child.name)).join(' '),
        ]),
      ),
      missing: ['403', '404', '424'].flatMap((status) =>
        properties(` ${status} `).map(({ name }) => `${status} ${local(name)}`),
      ),
    }
  })
}

function local(name: string): string {
  return name.replace(/^.*\}/, '')
}
