import { childrenOf, escapeXml, type XmlElement } from '../../../../../xml/xml.js'
import { COMPONENT_KINDS, newCalendar, type CalendarRow, type ComponentKind } from '../../../calendars.js'
import { proppatchAnswer } from '../multistatus.js'
import { clark, splitClark } from '../names.js'
import { outcomesOf, propertyUpdate, type PropertyChange } from '../property-update.js'
import { xmlBody, type DavRequest } from '../request.js'
import { calendarHref, calendarResource, REPORT_STYLE } from './resources.js'

const COMPONENT_SET = clark('cal', 'supported-calendar-component-set')

/** What users may set though calendars have it by themselves. */
const SETTABLE = new Set([
  clark('d', 'displayname'),
  clark('cal', 'calendar-description'),
  clark('cal', 'calendar-timezone'),
  clark('cal', 'schedule-calendar-transp'),
  clark('apple', 'calendar-color'),
  clark('apple', 'calendar-order'),
])

/** DAV properties that no calendar has and that still are the server's. */
const LIVE = new Set(
  [
    'getetag',
    'getlastmodified',
    'getcontentlength',
    'getcontenttype',
    'lockdiscovery',
    'supportedlock',
    'acl',
  ].map((local) => clark('d', local)),
)

/** A calendar made by MKCALENDAR or MKCOL. */
export function calendarFrom(uri: string, changes: readonly PropertyChange[]): CalendarRow {
  const set = changes.find(({ name }) => name === COMPONENT_SET)?.value
  const calendar = newCalendar(uri, componentsIn(set ?? undefined), [
    [clark('d', 'displayname'), escapeXml(uri)],
  ])
  applyChanges(
    calendar,
    changes.filter(({ name }) => !isProtected(calendar, name)),
  )
  return calendar
}

function componentsIn(set: XmlElement | undefined): readonly ComponentKind[] {
  const names = childrenOf(set, clark('cal', 'comp')).map(({ attributes }) =>
    attributes['name']?.toUpperCase(),
  )
  const known = COMPONENT_KINDS.filter((kind) => names.includes(kind))
  return known.length === 0 ? COMPONENT_KINDS : known
}

/** PROPPATCH of a calendar. */
export async function changeProperties(request: DavRequest, calendar: CalendarRow): Promise<Response> {
  const changes = propertyUpdate(await xmlBody(request))
  const outcomes = outcomesOf(changes, (name) => isProtected(calendar, name))
  if (outcomes.every(({ status }) => status === 200)) {
    applyChanges(calendar, changes)
    calendar.syncToken += 1
  }
  return proppatchAnswer(request, calendarHref(request.userId, calendar.uri), outcomes, REPORT_STYLE)
}

function isProtected(calendar: CalendarRow, name: string): boolean {
  if (SETTABLE.has(name) || calendar.properties.has(name)) return false
  return LIVE.has(name) || calendarResource('', calendar).property(name) !== undefined
}

function applyChanges(calendar: CalendarRow, changes: readonly PropertyChange[]): void {
  for (const { name, value } of changes) {
    if (value === null) calendar.properties.delete(name)
    else calendar.properties.set(name, contentXml(value))
  }
}

/** The content of an element as XML that declares its own namespaces. */
function contentXml({ text, children }: XmlElement): string {
  return escapeXml(text) + children.map(elementXml).join('')
}

function elementXml(element: XmlElement): string {
  const { namespace, local } = splitClark(element.name)
  const attributes = Object.entries(element.attributes)
    .filter(([name]) => !name.startsWith('{'))
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
  return `<${local} xmlns="${escapeXml(namespace)}"${attributes.join('')}>${contentXml(element)}</${local}>`
}
