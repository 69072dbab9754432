import { childOf, childrenOf, type XmlElement } from '../../../../../xml/xml.js'
import type { NextcloudUser } from '../../../../nextcloud.js'
import { badRequest } from '../dav-error.js'
import { clark } from '../names.js'

/** What can be searched: Clark name, and the text of a user that is searched. */
const SEARCHABLE: ReadonlyMap<string, (user: NextcloudUser) => string> = new Map([
  [clark('d', 'displayname'), (user: NextcloudUser) => user.displayName],
  [clark('s', 'email-address'), (user: NextcloudUser) => user.email],
  [clark('cal', 'calendar-user-address-set'), (user: NextcloudUser) => `mailto:${user.email}`],
])

/**
 * Users that a principal-property-search (RFC 3744, 9.4) finds: a part of the text is enough, letter case does not
 * count, `test="anyof"` asks for one of several properties instead of all. A property that is not searchable finds
 * nobody.
 *
 * @throws {DavError} 400 when a search names no property or no text.
 */
export function searchPrincipals(
  report: XmlElement,
  users: Iterable<NextcloudUser>,
): readonly NextcloudUser[] {
  const searches = childrenOf(report, clark('d', 'property-search')).map((search) => {
    const match = childOf(search, clark('d', 'match'))?.text
    const names = childOf(search, clark('d', 'prop'))?.children.map(({ name }) => name) ?? []
    if (match === undefined || names.length === 0) {
      throw badRequest('A property-search needs a prop and a match element')
    }
    return { names, text: match.toLowerCase() }
  })
  const finds = ({ names, text }: (typeof searches)[number], user: NextcloudUser): boolean =>
    names.every((name) => SEARCHABLE.get(name)?.(user).toLowerCase().includes(text) === true)
  const anyOf = report.attributes['test'] === 'anyof'
  return Array.from(users).filter((user) => {
    if (searches.length === 0) return false
    return anyOf
      ? searches.some((search) => finds(search, user))
      : searches.every((search) => finds(search, user))
  })
}

/** The body that answers principal-search-property-set (RFC 3744, 9.5). */
export function searchPropertySet(): string {
  const property = (name: string, description: string): string =>
    `<d:principal-search-property><d:prop><${name}/></d:prop>` +
    `<d:description xml:lang="en">${description}</d:description></d:principal-search-property>`
  return (
    '<?xml version="1.0"?>\n' +
    '<d:principal-search-property-set xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">' +
    property('d:displayname', 'Display name') +
    property('s:email-address', 'Email address') +
    '</d:principal-search-property-set>\n'
  )
}
