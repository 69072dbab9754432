import type ICAL from 'ical.js'
import { Clock } from '../../icalendar/clock.js'
import { occurrencesOf, type Occurrence } from '../../icalendar/occurrences.js'
import { ICalendarSyntaxError, parseICalendar } from '../../icalendar/parse.js'
import { childOf, childrenOf, descendant, parseXml, XmlSyntaxError } from '../../xml/xml.js'
import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { UserApi, type UserApiUser } from './user-api.js'

const QUERY =
  '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/><c:calendar-data/>' +
  '</d:prop><c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>'
const CALENDAR_DATA = '{urn:ietf:params:xml:ns:caldav}calendar-data'

/** An event's object as Nextcloud itself has it. */
export class NextcloudEvent {
  readonly #calendar: ICAL.Component
  /** The series' own component, else the first. */
  readonly #event: ICAL.Component

  constructor(calendar: ICAL.Component, event: ICAL.Component) {
    this.#calendar = calendar
    this.#event = event
  }

  get uid(): string {
    return this.text('uid')
  }

  /** The value of a property as it is written, without escapes; empty when there is none. */
  text(name: string): string {
    const value: unknown = (this.#event.getFirstProperty(name)?.jCal as unknown[] | undefined)?.[3]
    return typeof value === 'string' ? value : ''
  }

  /** What the start is: `date`, `floating`, `utc` or `zoned`; `undefined` when it cannot be read. */
  get startForm(): string | undefined {
    return this.occurrences(1)[0]?.start.form
  }

  /** The first occurrences. Dates and floating times count as UTC. */
  occurrences(limit: number): Occurrence[] {
    const all = { fromMs: -Infinity, toMs: Infinity }
    const found: Occurrence[] = []
    for (const occurrence of occurrencesOf(this.#calendar, 'vevent', new Clock(this.#calendar), all)) {
      if (found.push(occurrence) === limit) break
    }
    return found
  }
}

/**
 * One user's calendars, read and written past the server under test: what a tool says it did is compared with what
 * Nextcloud has. CalDAV with Basic credentials, no cookies.
 */
export class NextcloudCalendars {
  readonly #api: UserApi

  constructor(ctx: Pick<CheckContext, 'fetch'>, baseUrl: string, user: UserApiUser) {
    this.#api = new UserApi(
      ctx,
      `${baseUrl}/remote.php/dav/calendars/${encodeURIComponent(user.userId)}`,
      user,
    )
  }

  /** Makes a calendar. */
  async create(name: string): Promise<void> {
    const response = await this.#request('MKCALENDAR', `${name}/`)
    if (!response.ok) throw broken('making', response.status)
  }

  /** Deletes a calendar with all in it, past the trash bin; one that is gone already is no failure. */
  async remove(name: string): Promise<void> {
    const headers = { 'x-nc-caldav-no-trashbin': '1' }
    // Where the header is not known, the second time takes it out of the trash bin.
    for (const _ of [1, 2]) {
      await this.#request('DELETE', `${name}/`, headers).catch(() => undefined)
    }
  }

  /** Stores an object under a file name of its own. */
  async put(name: string, fileName: string, data: string): Promise<void> {
    const headers = { 'content-type': 'text/calendar; charset=utf-8', 'if-none-match': '*' }
    const response = await this.#request('PUT', `${name}/${encodeURIComponent(fileName)}`, headers, data)
    if (!response.ok) throw broken('writing', response.status)
  }

  /** All events of a calendar; objects that are no readable iCalendar are left out. */
  async events(name: string): Promise<readonly NextcloudEvent[]> {
    const headers = { depth: '1', 'content-type': 'application/xml; charset=utf-8' }
    const response = await this.#request('REPORT', `${name}/`, headers, QUERY)
    if (response.status !== 207) throw broken('reading', response.status)
    return calendarData(await response.text()).flatMap((data) => {
      try {
        const calendar = parseICalendar(data)
        const events = calendar.getAllSubcomponents('vevent')
        const event = events.find((each) => !each.hasProperty('recurrence-id')) ?? events[0]
        return event === undefined ? [] : [new NextcloudEvent(calendar, event)]
      } catch (error) {
        if (error instanceof ICalendarSyntaxError) return []
        throw error
      }
    })
  }

  #request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<Response> {
    return this.#api.request(method, `/${path}`, headers, body)
  }
}

/** The calendars of a person on the shared Nextcloud. */
export function sharedCalendars(ctx: CheckContext, user: 'alice' | 'bob'): NextcloudCalendars {
  return new NextcloudCalendars(ctx, ctx.nextcloud.baseUrl, ctx.users[user])
}

function calendarData(multistatus: string): readonly string[] {
  try {
    return childrenOf(parseXml(multistatus), '{DAV:}response')
      .flatMap((response) => childrenOf(response, '{DAV:}propstat'))
      .map((propstat) => childOf(descendant(propstat, '{DAV:}prop'), CALENDAR_DATA)?.text ?? '')
      .filter((data) => data !== '')
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw broken('reading', 207)
    throw error
  }
}

function broken(what: string, status: number): NotTestableError {
  return new NotTestableError(`${what} calendars on Nextcloud directly is answered with status ${status}`)
}
