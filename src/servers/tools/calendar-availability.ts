import { DAY_MS } from '../../icalendar/times.js'
import { wallClockIn } from '../../icalendar/zones.js'
import { ToolError } from './tool.js'

/** Part of a day on the wall clock, ms since midnight. */
export interface Hours {
  readonly fromMs: number
  readonly toMs: number
}

const HOUR_MS = 3_600_000
const STEP_MS = 30 * 60_000
const SUNDAY = 0
const SATURDAY = 6

/**
 * The hours that are wanted: the preferred ones, else those of business or of a day.
 *
 * @param preferred such as `09:00-12:00,14:00-16:00`.
 * @throws {ToolError} that names the value.
 */
export function readHours(preferred: string, isBusiness: boolean): readonly Hours[] {
  const parts = preferred
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) {
    return [
      isBusiness ? { fromMs: 9 * HOUR_MS, toMs: 17 * HOUR_MS } : { fromMs: 8 * HOUR_MS, toMs: 20 * HOUR_MS },
    ]
  }
  return parts.map((part) => {
    const [, fromHour, fromMinute, toHour, toMinute] =
      /^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/.exec(part) ?? []
    const fromMs = Number(fromHour) * HOUR_MS + Number(fromMinute) * 60_000
    const toMs = Number(toHour) * HOUR_MS + Number(toMinute) * 60_000
    if (!(fromMs < toMs && toMs <= DAY_MS)) throw new ToolError(`Invalid preferred_times: '${part}'`)
    return { fromMs, toMs }
  })
}

export interface SlotOptions {
  readonly startMs: number
  readonly endMs: number
  readonly durationMs: number
  readonly hours: readonly Hours[]
  readonly exclude_weekends: boolean
  /** IANA name of the zone of the hours; empty = UTC. */
  readonly timezone: string
}

/** Starts of free times, ascending, ms since the epoch. Events that only touch a time do not block it. */
export function freeSlots(
  busy: readonly { readonly startMs: number; readonly endMs: number }[],
  { startMs, endMs, durationMs, hours, exclude_weekends, timezone }: SlotOptions,
  limit: number,
): number[] {
  const slots: number[] = []
  const wallOf = (instantMs: number): number => wallClockIn(timezone, instantMs) ?? instantMs
  for (let atMs = Math.ceil(startMs / STEP_MS) * STEP_MS; atMs + durationMs <= endMs; atMs += STEP_MS) {
    const wallMs = wallOf(atMs)
    const day = new Date(wallMs).getUTCDay()
    if (exclude_weekends && (day === SATURDAY || day === SUNDAY)) continue
    const ofDayMs = wallMs - Math.floor(wallMs / DAY_MS) * DAY_MS
    if (!hours.some(({ fromMs, toMs }) => ofDayMs >= fromMs && ofDayMs + durationMs <= toMs)) continue
    if (busy.some((event) => event.startMs < atMs + durationMs && event.endMs > atMs)) continue
    slots.push(atMs)
    if (slots.length === limit) break
  }
  return slots
}
