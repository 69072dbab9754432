import { describe, expect, it } from 'vitest'
import { ICalendarSyntaxError, parseICalendar } from '../../src/icalendar/parse.js'

function calendar(line: string): string {
  return ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', line, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n')
}

describe('an iCalendar text', () => {
  it('is read with names of letters, digits and hyphens', () => {
    expect(parseICalendar(calendar('X-Own-1:value')).getFirstSubcomponent('vevent')).not.toBeNull()
  })

  it.each(['CONSTRUCTOR:x', 'CONSTRUCTOR;A=b:x'])('can be written again with %s', (line) => {
    expect(parseICalendar(calendar(line)).toString()).toContain(line)
  })

  it.each(['__proto__:x', 'X_Y:x', 'Ü:x'])('is refused with the name of %s', (line) => {
    expect(() => parseICalendar(calendar(line))).toThrow(ICalendarSyntaxError)
  })
})
