import { escapeXml } from '../../xml/xml.js'
import {
  davPath,
  hasType,
  lastSegment,
  propertyText,
  readMultistatus,
  type DavEntry,
} from '../dav/multistatus.js'
import type { NextcloudClient } from '../nextcloud-client.js'
import { CALDAV, calendarPath, NAMESPACES, XML } from './calendar-paths.js'
import { ToolError } from './tool.js'
import { wordedAsUsual } from './wording.js'

/** A calendar as Nextcloud lists it. */
export interface CalendarInfo {
  /** Last segment of its address; what tools call `calendar_name`. */
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly color: string
  /** Decoded path with trailing slash. */
  readonly href: string
  /** Name of the time zone of floating times; `null` when none is set. */
  readonly timezone: string | null
  readonly enabled: boolean
  readonly ctag: string
  readonly components: readonly string[]
}

/** The properties of a calendar that users may set. */
export interface CalendarProperties {
  readonly displayName?: string
  readonly description?: string
  readonly color?: string
}

/** All calendars of the user, without those in the trash bin. */
export async function listCalendars(nextcloud: NextcloudClient): Promise<CalendarInfo[]> {
  const body =
    `<d:propfind ${NAMESPACES}><d:prop><d:displayname/><d:resourcetype/><c:calendar-description/>` +
    '<a:calendar-color/><c:calendar-timezone/><c:supported-calendar-component-set/><cs:getctag/>' +
    '<oc:calendar-enabled/></d:prop></d:propfind>'
  const answer = await wordedAsUsual(
    nextcloud.request({
      method: 'PROPFIND',
      path: `${davPath(['calendars', await nextcloud.userId()])}/`,
      headers: { ...XML, Depth: '1' },
      body,
    }),
    'the list of calendars',
  )
  return readMultistatus(answer.body)
    .filter((entry) => hasType(entry, `${CALDAV}calendar`))
    .map(calendarInfo)
}

function calendarInfo(entry: DavEntry): CalendarInfo {
  const text = (name: string): string => propertyText(entry, name) ?? ''
  const name = lastSegment(entry.path)
  const components = entry.properties.get(`${CALDAV}supported-calendar-component-set`)?.children ?? []
  return {
    name,
    displayName: text('{DAV:}displayname') || name,
    description: text(`${CALDAV}calendar-description`),
    color: text('{http://apple.com/ns/ical/}calendar-color'),
    href: entry.path,
    timezone: /^TZID:(.+?)\r?$/m.exec(text(`${CALDAV}calendar-timezone`))?.[1] ?? null,
    enabled: text('{http://owncloud.org/ns}calendar-enabled') !== '0',
    ctag: text('{http://calendarserver.org/ns/}getctag'),
    components: components.map(({ attributes }) => attributes['name'] ?? ''),
  }
}

/** MKCALENDAR. */
export async function createCalendar(
  nextcloud: NextcloudClient,
  name: string,
  properties: CalendarProperties,
): Promise<number> {
  const body = `<c:mkcalendar ${NAMESPACES}><d:set><d:prop>${propertiesXml(properties)}</d:prop></d:set></c:mkcalendar>`
  const answer = await wordedAsUsual(
    nextcloud.request({
      method: 'MKCALENDAR',
      path: await calendarPath(nextcloud, name),
      headers: XML,
      body,
    }),
    `calendar ${name}`,
    { 405: `Calendar ${name} exists already, or is in the trash bin (HTTP 405)` },
  )
  return answer.status
}

/** PROPPATCH of the given properties. */
export async function updateCalendar(
  nextcloud: NextcloudClient,
  name: string,
  properties: CalendarProperties,
): Promise<void> {
  const body = `<d:propertyupdate ${NAMESPACES}><d:set><d:prop>${propertiesXml(properties)}</d:prop></d:set></d:propertyupdate>`
  const { body: answer } = await wordedAsUsual(
    nextcloud.request({ method: 'PROPPATCH', path: await calendarPath(nextcloud, name), headers: XML, body }),
    `calendar ${name}`,
  )
  const accepted = readMultistatus(answer)[0]?.properties.size ?? 0
  if (accepted < Object.keys(properties).length) {
    throw new ToolError(`Access denied: not all properties of calendar ${name} can be changed`)
  }
}

export async function deleteCalendar(nextcloud: NextcloudClient, name: string): Promise<number> {
  const answer = await wordedAsUsual(
    nextcloud.request({ method: 'DELETE', path: await calendarPath(nextcloud, name) }),
    `calendar ${name}`,
  )
  return answer.status
}

function propertiesXml({ displayName, description, color }: CalendarProperties): string {
  const element = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`
  return (
    element('d:displayname', displayName) +
    element('c:calendar-description', description) +
    element('a:calendar-color', color)
  )
}
