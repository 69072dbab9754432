/** When the event starts; its object names the time zone. */
export const FOREIGN_START = '2031-06-10T18:00:00+02:00'

/** What an update of something else must leave alone: property name to value. */
export const FOREIGN_MEMBERS: Readonly<Record<string, string>> = { location: 'Here', 'x-ncmc-kept': 'yes' }

/** An object as another client makes it: a time zone with its definition, and a member that no tool knows. */
export function foreignEvent(uid: string): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//nc-mcp-conformance//EN',
    'BEGIN:VTIMEZONE',
    'TZID:Europe/Berlin',
    'BEGIN:DAYLIGHT',
    'DTSTART:19810329T020000',
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'END:DAYLIGHT',
    'BEGIN:STANDARD',
    'DTSTART:19961027T030000',
    'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'END:STANDARD',
    'END:VTIMEZONE',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20310101T000000Z',
    'DTSTART;TZID=Europe/Berlin:20310610T180000',
    'DTEND;TZID=Europe/Berlin:20310610T190000',
    'SUMMARY:From elsewhere',
    ...Object.entries(FOREIGN_MEMBERS).map(([name, value]) => `${name.toUpperCase()}:${value}`),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n')
}
