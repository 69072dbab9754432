import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { childOf, childrenOf, descendant, parseXml } from '../../src/xml/xml.js'
import { basic, ORIGIN } from './core-visitor.js'

export const BOOKS = '/remote.php/dav/addressbooks/users/alice'

export interface Call {
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  readonly user?: 'alice' | 'bob'
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One response of a multistatus: texts of its properties by local name. */
export interface Entry {
  readonly href: string
  readonly status: string | undefined
  readonly found: Readonly<Record<string, string>>
  readonly missing: readonly string[]
}

const D = '{DAV:}'
const DECLARED =
  'xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:cs="http://calendarserver.org/ns/" ' +
  'xmlns:s="http://sabredav.org/ns"'

/** An embedded Nextcloud and what CardDAV clients do with it, without a socket. */
export class CardDavCloud {
  readonly nextcloud: EmbeddedNextcloud

  private constructor(nextcloud: EmbeddedNextcloud) {
    this.nextcloud = nextcloud
  }

  static async start(options: EmbeddedOptions = {}): Promise<CardDavCloud> {
    return new CardDavCloud(await startEmbeddedNextcloud(options))
  }

  async send(method: string, path: string, { body, headers, user = 'alice' }: Call = {}): Promise<Answer> {
    const { userId, password } = this.nextcloud.users[user]
    const response = await this.nextcloud.app.request(`${ORIGIN}${path}`, {
      method,
      headers: { ...basic(userId, password), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  async status(method: string, path: string, call: Call = {}): Promise<number> {
    return (await this.send(method, path, call)).status
  }

  put(path: string, vcard: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PUT', BOOKS + path, { body: vcard, headers })
  }

  makeBook(name: string, properties = ''): Promise<Answer> {
    const body =
      `<d:mkcol ${DECLARED}><d:set><d:prop><d:resourcetype><d:collection/><card:addressbook/></d:resourcetype>` +
      `${properties}</d:prop></d:set></d:mkcol>`
    return this.send('MKCOL', `${BOOKS}/${name}/`, { body })
  }

  propfind(path: string, props: string, depth = '0'): Promise<readonly Entry[]> {
    const body = `<d:propfind ${DECLARED}><d:prop>${props}</d:prop></d:propfind>`
    return this.#entries('PROPFIND', path, body, depth)
  }

  /** @param report e.g. `<card:addressbook-query>…</card:addressbook-query>`; namespaces are declared here. */
  report(path: string, report: string, depth = '1'): Promise<readonly Entry[]> {
    return this.#entries('REPORT', path, withNamespaces(report), depth)
  }

  async #entries(method: string, path: string, body: string, depth: string): Promise<readonly Entry[]> {
    const answer = await this.send(method, BOOKS + path, { body, headers: { depth } })
    if (answer.status !== 207) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return entriesOf(answer.text)
  }
}

/** Declares the usual prefixes at the document's element. */
export function withNamespaces(xml: string): string {
  return xml.replace(/^<([\w:-]+)/, `<$1 ${DECLARED}`)
}

export function entriesOf(multistatus: string): readonly Entry[] {
  return childrenOf(parseXml(multistatus), `${D}response`).map((response) => {
    const stats = childrenOf(response, `${D}propstat`)
    const named = (status: string) =>
      stats
        .filter((stat) => childOf(stat, `${D}status`)?.text.includes(status))
        .flatMap((stat) => descendant(stat, `${D}prop`)?.children ?? [])
    const local = (name: string) => name.replace(/^.*\}/, '')
    return {
      href: childOf(response, `${D}href`)?.text ?? '',
      status: childOf(response, `${D}status`)?.text,
      found: Object.fromEntries(
        named(' 200 ').map(({ name, text, children }) => [
          local(name),
          text === '' ? children.map((child) => child.text || local(child.name)).join(' ') : text,
        ]),
      ),
      missing: named(' 404 ').map(({ name }) => local(name)),
    }
  })
}

export function vcard(uid: string, ...lines: string[]): string {
  return ['BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, ...lines, 'END:VCARD', ''].join('\r\n')
}

export function syncTokenOf(multistatus: string): string {
  return childOf(parseXml(multistatus), `${D}sync-token`)?.text ?? ''
}
