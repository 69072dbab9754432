import ICAL from 'ical.js'
import { DAY_MS, floatingTime } from './times.js'
import { wallClockIn } from './zones.js'

const WEEK_MS = 7 * DAY_MS
/** How far ahead the changes are written down; who knows the name knows more. */
const YEARS_AHEAD = 10

interface Change {
  readonly atMs: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * A VTIMEZONE (RFC 5545, 3.6.5) for an IANA name, with the changes of offset from the year before `aroundMs` on.
 *
 * @param tzid a name that `ianaZone` knows.
 */
export function timezoneDefinition(tzid: string, aroundMs: number): ICAL.Component {
  const zone = new ICAL.Component('vtimezone')
  zone.addPropertyWithValue('tzid', tzid)
  const year = new Date(aroundMs).getUTCFullYear()
  const changes = changesBetween(tzid, Date.UTC(year - 1, 0, 1), Date.UTC(year + YEARS_AHEAD, 0, 1))
  if (changes.length === 0) {
    const offsetMs = offsetAt(tzid, aroundMs)
    zone.addSubcomponent(observance('standard', [{ atMs: -offsetMs, fromMs: offsetMs, toMs: offsetMs }]))
  }
  for (const [first, ...others] of alike(changes)) {
    const kind = first.toMs > first.fromMs ? 'daylight' : 'standard'
    zone.addSubcomponent(observance(kind, [first, ...others]))
  }
  return zone
}

/** Changes from the same offset to the same offset are one observance. */
function alike(changes: readonly Change[]): readonly (readonly [Change, ...Change[]])[] {
  const groups: [Change, ...Change[]][] = []
  for (const change of changes) {
    const group = groups.find(([first]) => first.fromMs === change.fromMs && first.toMs === change.toMs)
    if (group === undefined) groups.push([change])
    else group.push(change)
  }
  return groups
}

function observance(kind: 'standard' | 'daylight', [first, ...others]: readonly [Change, ...Change[]]) {
  const component = new ICAL.Component(kind)
  const onset = ({ atMs, fromMs }: Change): ICAL.Time => floatingTime(atMs + fromMs)
  component.addPropertyWithValue('dtstart', onset(first))
  component.addPropertyWithValue('tzoffsetfrom', ICAL.UtcOffset.fromSeconds(first.fromMs / 1000))
  component.addPropertyWithValue('tzoffsetto', ICAL.UtcOffset.fromSeconds(first.toMs / 1000))
  for (const other of others) component.addPropertyWithValue('rdate', onset(other))
  return component
}

function changesBetween(tzid: string, startMs: number, endMs: number): Change[] {
  const changes: Change[] = []
  let fromMs = offsetAt(tzid, startMs)
  for (let atMs = startMs; atMs < endMs; atMs += WEEK_MS) {
    const toMs = offsetAt(tzid, atMs + WEEK_MS)
    if (toMs === fromMs) continue
    let [before, after] = [atMs, atMs + WEEK_MS]
    while (after - before > 1000) {
      const middle = Math.floor((before + after) / 2000) * 1000
      if (offsetAt(tzid, middle) === fromMs) before = middle
      else after = middle
    }
    changes.push({ atMs: after, fromMs, toMs })
    fromMs = toMs
  }
  return changes
}

function offsetAt(tzid: string, instantMs: number): number {
  return (wallClockIn(tzid, instantMs) ?? instantMs) - instantMs
}
