/** Namespaces of Nextcloud's DAV server and the prefixes that its answers use. */
export const NAMESPACES = {
  d: 'DAV:',
  s: 'http://sabredav.org/ns',
  cal: 'urn:ietf:params:xml:ns:caldav',
  cs: 'http://calendarserver.org/ns/',
  card: 'urn:ietf:params:xml:ns:carddav',
  oc: 'http://owncloud.org/ns',
  nc: 'http://nextcloud.org/ns',
  apple: 'http://apple.com/ns/ical/',
} as const

export type Prefix = keyof typeof NAMESPACES

/** Clark name from a prefix of ours, e.g. `clark('d', 'href')` is `{DAV:}href`. */
export function clark(prefix: Prefix, local: string): string {
  return `{${NAMESPACES[prefix]}}${local}`
}

/** Splits a Clark name. */
export function splitClark(name: string): { readonly namespace: string; readonly local: string } {
  const end = name.startsWith('{') ? name.indexOf('}') : -1
  return { namespace: end === -1 ? '' : name.slice(1, end), local: name.slice(end + 1) }
}
