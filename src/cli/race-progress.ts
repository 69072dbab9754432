import type { LaboratoryProgress } from '../race/laboratory.js'
import { durationText } from '../report/text.js'
import type { OutputStream } from './io.js'

const REDRAW_MS = 250
const LINE_EVERY_MS = 10_000
const ERASE_LINE = '\r\u001b[2K'

export interface RaceProgress {
  readonly update: (progress: LaboratoryProgress & { readonly what?: 'start' }) => void
  /** Says that the next registration has to wait. */
  readonly pause: (ms: number) => void
  /** Removes the line from a terminal. */
  readonly clear: () => void
}

/** How far the laboratory is and how long it still takes: one line that changes, or a line every ten seconds. */
export function createRaceProgress(
  stream: OutputStream,
  { quiet, env }: { readonly quiet: boolean; readonly env: NodeJS.ProcessEnv },
): RaceProgress {
  const isLive = stream.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === ''
  let beganAtMs = performance.now()
  let writtenAtMs = beganAtMs
  let note = ''
  let isDrawn = false
  let current = ''
  return {
    update({ cause, done, total, what = 'trial' }) {
      const now = performance.now()
      if (what !== current) beganAtMs = now
      current = what
      if (quiet || now - writtenAtMs < (isLive ? REDRAW_MS : LINE_EVERY_MS)) return
      writtenAtMs = now
      const leftMs = done === 0 ? undefined : ((now - beganAtMs) / done) * (total - done)
      const left = leftMs === undefined ? '' : `, about ${durationText(leftMs)} left`
      const line = `race: ${cause}, ${what} ${done} of ${total}${left}${note}`
      stream.write(isLive ? `${ERASE_LINE}${line}` : `${line}\n`)
      isDrawn = isLive
      note = ''
    },
    pause(ms) {
      note = `; paced to ten registrations a minute, the last pause was ${durationText(ms)}`
    },
    clear() {
      if (isDrawn) stream.write(ERASE_LINE)
      isDrawn = false
    },
  }
}
