import { createHash } from 'node:crypto'
import type ICAL from 'ical.js'

export const COMPONENT_KINDS = ['VEVENT', 'VTODO', 'VJOURNAL'] as const
export type ComponentKind = (typeof COMPONENT_KINDS)[number]

/** An event, task or journal entry. */
export interface CalendarObjectRow {
  /** File name in its calendar, e.g. `lunch.ics`; says nothing about the UID. */
  readonly uri: string
  /** The iCalendar object as it was sent. */
  readonly data: string
  /** The same, parsed. */
  readonly calendar: ICAL.Component
  readonly kind: ComponentKind
  readonly uid: string
  /** With quotes. */
  readonly etag: string
  readonly modifiedSeconds: number
  /** Sync token of the calendar right after the object was last written. */
  readonly changedAt: number
}

/** What is stored of an object. */
export type CalendarObjectContent = Pick<CalendarObjectRow, 'data' | 'calendar' | 'kind' | 'uid'>

export interface CalendarRow {
  readonly uri: string
  readonly components: readonly ComponentKind[]
  /** Clark name to content as XML, of what users may set. */
  readonly properties: Map<string, string>
  /** By file name. */
  readonly objects: Map<string, CalendarObjectRow>
  /** Deleted file names and the sync token right after. */
  readonly deletedAt: Map<string, number>
  /** Every change makes the next. */
  syncToken: number
  /** When it was put into the trash bin; `null` when it is in use. */
  trashedSeconds: number | null
}

/** How long a deleted calendar stays in the trash bin. */
export const TRASH_RETENTION_SECONDS = 30 * 24 * 3600

/** The calendar that Nextcloud fills from the contacts' birthdays; its objects cannot be written. */
export const BIRTHDAY_CALENDAR = 'contact_birthdays'

const DISPLAY_NAME = '{DAV:}displayname'
const COLOR = '{http://apple.com/ns/ical/}calendar-color'
const ORDER = '{http://apple.com/ns/ical/}calendar-order'
/** Both default calendars have an entry already on a fresh instance. */
const FIRST_DEFAULT_TOKEN = 2

/** Every user's calendars. A home gets its default ones at first use. */
export class Calendars {
  readonly #homes = new Map<string, Map<string, CalendarRow>>()

  /** The user's calendars by name; those whose time in the trash bin is over go. */
  homeOf(userId: string, nowSeconds: number): Map<string, CalendarRow> {
    let home = this.#homes.get(userId)
    if (home === undefined) {
      home = new Map(
        [
          defaultCalendar('personal', 'Personal', '#00679e'),
          defaultCalendar(BIRTHDAY_CALENDAR, 'Contact birthdays', '#E9D859'),
        ].map((calendar) => [calendar.uri, calendar]),
      )
      this.#homes.set(userId, home)
    }
    for (const { uri, trashedSeconds } of home.values()) {
      if (trashedSeconds !== null && nowSeconds - trashedSeconds >= TRASH_RETENTION_SECONDS) home.delete(uri)
    }
    return home
  }

  /** The user's calendars in the order that they are listed in. */
  listOf(userId: string, nowSeconds: number): CalendarRow[] {
    const orderOf = ({ properties }: CalendarRow): number => Number(properties.get(ORDER) ?? 0) || 0
    return Array.from(this.homeOf(userId, nowSeconds).values()).sort((a, b) => orderOf(a) - orderOf(b))
  }
}

function defaultCalendar(uri: string, displayName: string, color: string): CalendarRow {
  const calendar = newCalendar(
    uri,
    ['VEVENT'],
    [
      [DISPLAY_NAME, displayName],
      [COLOR, color],
    ],
  )
  calendar.syncToken = FIRST_DEFAULT_TOKEN
  return calendar
}

export function newCalendar(
  uri: string,
  components: readonly ComponentKind[],
  properties: Iterable<readonly [name: string, xml: string]>,
): CalendarRow {
  return {
    uri,
    components,
    properties: new Map(properties),
    objects: new Map(),
    deletedAt: new Map(),
    syncToken: 1,
    trashedSeconds: null,
  }
}

/** Creates or replaces an object. */
export function writeObject(
  calendar: CalendarRow,
  uri: string,
  content: CalendarObjectContent,
  nowSeconds: number,
): CalendarObjectRow {
  calendar.syncToken += 1
  const etag = `"${createHash('md5').update(content.data).digest('hex')}"`
  const row = { ...content, uri, etag, modifiedSeconds: nowSeconds, changedAt: calendar.syncToken }
  calendar.objects.set(uri, row)
  calendar.deletedAt.delete(uri)
  return row
}

export function deleteObject(calendar: CalendarRow, uri: string): void {
  calendar.syncToken += 1
  calendar.objects.delete(uri)
  calendar.deletedAt.set(uri, calendar.syncToken)
}
