import { basic, ORIGIN } from './core-visitor.js'
import type { EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { childOf, childrenOf, parseXml, type XmlElement } from '../../src/xml/xml.js'

export interface Sent {
  readonly user?: 'alice' | 'bob'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One DAV request; `path` is below `/remote.php/dav`. */
export async function dav(
  nextcloud: EmbeddedNextcloud,
  method: string,
  path: string,
  { user = 'alice', headers = {}, body }: Sent = {},
): Promise<Answer> {
  const { userId, password } = nextcloud.users[user]
  const response = await nextcloud.app.request(`${ORIGIN}/remote.php/dav${path}`, {
    method,
    headers: { ...basic(userId, password), ...headers },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The last segment of every href of a multistatus answer, with the status of the response where it has one. */
export function names({ text }: Answer): string[] {
  return responses(text).map((response) => {
    const href = childOf(response, '{DAV:}href')?.text ?? ''
    const status = childOf(response, '{DAV:}status')?.text.split(' ')[1]
    const name = href.split('/').findLast((segment) => segment !== '') ?? ''
    return status === undefined ? name : `${name} ${status}`
  })
}

/** The property of every response that has it, by Clark name. */
export function properties({ text }: Answer, name: string): XmlElement[] {
  return responses(text).flatMap((response) =>
    childrenOf(response, '{DAV:}propstat')
      .filter((propstat) => childOf(propstat, '{DAV:}status')?.text.includes(' 200 ') === true)
      .flatMap((propstat) => childrenOf(childOf(propstat, '{DAV:}prop'), name)),
  )
}

function responses(text: string): readonly XmlElement[] {
  return childrenOf(parseXml(text), '{DAV:}response')
}

/** An iCalendar object of one component. */
export function ics(kind: string, uid: string, ...lines: readonly string[]): string {
  const component = [`BEGIN:${kind}`, `UID:${uid}`, 'DTSTAMP:20261101T100000Z', ...lines, `END:${kind}`]
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...component, 'END:VCALENDAR', ''].join(
    '\r\n',
  )
}

export const NAMESPACES =
  'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/" xmlns:cs="http://calendarserver.org/ns/"'

/** A calendar-query for etags, of components inside the VCALENDAR. */
export function calendarQuery(filter: string, prop = '<d:getetag/>'): string {
  return `<c:calendar-query ${NAMESPACES}><d:prop>${prop}</d:prop><c:filter><c:comp-filter name="VCALENDAR">${filter}</c:comp-filter></c:filter></c:calendar-query>`
}
