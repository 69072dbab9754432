const DAY_MS = 86_400_000

/** Turns a wall clock reading (ms as if it were UTC) into an instant (ms since the epoch). */
export type Zone = (wallMs: number) => number

/** The zone in which wall clock and UTC are the same. */
export const utcZone: Zone = (wallMs) => wallMs

const formatters = new Map<string, Intl.DateTimeFormat>()

/**
 * The zone of an IANA name such as `Europe/Berlin`, letter case ignored; `undefined` for other names. A time that a
 * change of offset skips is read with the offset before it, one that occurs twice is the first (RFC 5545, 3.3.5).
 */
export function ianaZone(name: string): Zone | undefined {
  const formatter = formatterOf(name)
  if (formatter === undefined) return undefined
  return (wallMs) => {
    const before = offsetMs(formatter, wallMs - DAY_MS)
    const after = offsetMs(formatter, wallMs + DAY_MS)
    for (const offset of [before, after]) {
      if (offsetMs(formatter, wallMs - offset) === offset) return wallMs - offset
    }
    return wallMs - before
  }
}

/** The wall clock reading (ms as if it were UTC) of an instant in an IANA zone; `undefined` for other names. */
export function wallClockIn(name: string, instantMs: number): number | undefined {
  const formatter = formatterOf(name)
  return formatter === undefined ? undefined : instantMs + offsetMs(formatter, instantMs)
}

function formatterOf(name: string): Intl.DateTimeFormat | undefined {
  // Offsets such as "+02:00" are no names of zones, though some engines take them.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return undefined
  const key = name.toLowerCase()
  const known = formatters.get(key)
  if (known !== undefined) return known
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formatters.set(key, formatter)
    return formatter
  } catch {
    return undefined
  }
}

/** How far the zone's wall clock is ahead of UTC at an instant, ms; 0 outside of what dates can express. */
function offsetMs(formatter: Intl.DateTimeFormat, instantMs: number): number {
  const seconds = Math.floor(instantMs / 1000) * 1000
  if (Math.abs(seconds) > 8.64e15 - 2 * DAY_MS || Number.isNaN(seconds)) return 0
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatter.formatToParts(seconds)) parts[type] = value
  const year = Number(parts.year) * (parts.era === 'BC' ? -1 : 1) + (parts.era === 'BC' ? 1 : 0)
  const wall = new Date(0)
  wall.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day))
  wall.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second))
  return wall.getTime() - seconds
}
