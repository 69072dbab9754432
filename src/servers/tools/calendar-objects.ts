import { randomUUID } from 'node:crypto'
import type ICAL from 'ical.js'
import { ICalendarSyntaxError, parseICalendar } from '../../icalendar/parse.js'
import { escapeXml } from '../../xml/xml.js'
import { propertyText, readMultistatus } from '../dav/multistatus.js'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudFailure, NextcloudStatusError } from '../nextcloud-errors.js'
import { CALDAV, calendarPath, encoded, isName, NAMESPACES, objectPath, XML } from './calendar-paths.js'
import { ToolError } from './tool.js'
import { wordedAsUsual } from './wording.js'

/** An event's calendar object. */
export interface EventObject {
  readonly calendarName: string
  /** Decoded path. */
  readonly href: string
  /** With quotes. */
  readonly etag: string
  readonly calendar: ICAL.Component
}

export interface EventRange {
  /** ms since the epoch; open when absent. */
  readonly startMs?: number
  readonly endMs?: number
}

/** Objects with events in the range (all of them without one). */
export async function queryEvents(
  nextcloud: NextcloudClient,
  calendarName: string,
  { startMs, endMs }: EventRange,
): Promise<EventObject[]> {
  const edges = [
    startMs === undefined ? '' : ` start="${utcStamp(startMs)}"`,
    endMs === undefined ? '' : ` end="${utcStamp(endMs)}"`,
  ].join('')
  const filter = edges === '' ? '' : `<c:time-range${edges}/>`
  return report(nextcloud, calendarName, filter)
}

/**
 * The object of the event with this UID, whatever its file is called.
 *
 * @throws {ToolError} when there is none.
 */
export async function readEvent(
  nextcloud: NextcloudClient,
  calendarName: string,
  uid: string,
): Promise<EventObject> {
  const direct = await readByName(nextcloud, calendarName, uid)
  if (direct !== undefined && uidOf(direct) === uid) return direct
  const match = `<c:prop-filter name="UID"><c:text-match collation="i;octet">${escapeXml(uid)}</c:text-match></c:prop-filter>`
  const found = (await report(nextcloud, calendarName, match)).find((object) => uidOf(object) === uid)
  if (found === undefined)
    throw new ToolError(`Not found: event ${uid} in calendar ${calendarName} (HTTP 404)`, {
      cause: new NextcloudStatusError(404, 'Not Found'),
    })
  return found
}

async function readByName(
  nextcloud: NextcloudClient,
  calendarName: string,
  uid: string,
): Promise<EventObject | undefined> {
  if (!isName(uid)) return undefined
  const path = await objectPath(nextcloud, calendarName, `${uid}.ics`)
  try {
    const { headers, body } = await nextcloud.request({ path, headers: { Accept: 'text/calendar' } })
    return eventObject(
      calendarName,
      decodeURIComponent(path),
      headers.get('ETag') ?? '',
      body.toString('utf8'),
    )
  } catch (error) {
    if (error instanceof NextcloudStatusError && error.status === 404) return undefined
    throw error
  }
}

async function report(
  nextcloud: NextcloudClient,
  calendarName: string,
  eventFilter: string,
): Promise<EventObject[]> {
  const body =
    `<c:calendar-query ${NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop><c:filter>` +
    `<c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">${eventFilter}</c:comp-filter></c:comp-filter>` +
    '</c:filter></c:calendar-query>'
  const answer = await wordedAsUsual(
    nextcloud.request({
      method: 'REPORT',
      path: await calendarPath(nextcloud, calendarName),
      headers: { ...XML, Depth: '1' },
      body,
    }),
    `calendar ${calendarName}`,
  )
  return readMultistatus(answer.body)
    .map((entry) =>
      eventObject(
        calendarName,
        entry.path,
        propertyText(entry, '{DAV:}getetag') ?? '',
        propertyText(entry, `${CALDAV}calendar-data`) ?? '',
      ),
    )
    .filter((object) => object !== undefined)
}

/** `undefined` for what has no event. */
function eventObject(
  calendarName: string,
  href: string,
  etag: string,
  data: string,
): EventObject | undefined {
  try {
    const calendar = parseICalendar(data)
    const hasEvent = calendar.name === 'vcalendar' && calendar.getFirstSubcomponent('vevent') !== null
    return hasEvent ? { calendarName, href, etag, calendar } : undefined
  } catch (error) {
    if (!(error instanceof ICalendarSyntaxError)) throw error
    throw new NextcloudFailure('Nextcloud gave an event that is no iCalendar object', { cause: error })
  }
}

function uidOf({ calendar }: EventObject): unknown {
  return calendar.getFirstSubcomponent('vevent')?.getFirstPropertyValue('uid')
}

export interface WrittenEvent {
  readonly href: string
  readonly etag: string
  readonly status: number
}

/** Creates `{uid}.ics`; fails (412) when it is there already. */
export async function createObject(
  nextcloud: NextcloudClient,
  calendarName: string,
  uid: string,
  data: string,
): Promise<WrittenEvent> {
  const path = await objectPath(nextcloud, calendarName, `${isName(uid) ? uid : randomUUID()}.ics`)
  return write(nextcloud, path, data, { 'If-None-Match': '*' }, `calendar ${calendarName}`)
}

/** Replaces an object; fails (412) when it has another etag than this by now. */
export function replaceObject(
  nextcloud: NextcloudClient,
  { href, calendarName }: EventObject,
  etag: string,
  data: string,
): Promise<WrittenEvent> {
  return write(nextcloud, encoded(href), data, { 'If-Match': etag }, `event in calendar ${calendarName}`)
}

async function write(
  nextcloud: NextcloudClient,
  path: string,
  body: string,
  condition: Readonly<Record<string, string>>,
  what: string,
): Promise<WrittenEvent> {
  const headers = { 'Content-Type': 'text/calendar; charset=utf-8', ...condition }
  const { status, headers: answered } = await wordedAsUsual(
    nextcloud.request({ method: 'PUT', path, headers, body }),
    what,
    { 412: `The event in calendar has been changed by someone else, or is there already (HTTP 412)` },
  )
  return { href: decodeURIComponent(path), etag: answered.get('ETag') ?? '', status }
}

/** Deletes an event's object as it was read. */
export async function deleteEvent(
  nextcloud: NextcloudClient,
  { href, etag, calendarName }: EventObject,
): Promise<number> {
  const answer = await wordedAsUsual(
    nextcloud.request({
      method: 'DELETE',
      path: encoded(href),
      headers: etag === '' ? {} : { 'If-Match': etag },
    }),
    `event in calendar ${calendarName}`,
  )
  return answer.status
}

/** As time ranges of CalDAV are written. */
function utcStamp(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
