import { axisX, axisY, barX, gridX, text } from '@observablehq/plot'
import { oneLine } from '../../report/text.js'
import type { Timeline } from '../model.js'
import { COLORS, drawFigure, type Figure } from './figure.js'
import { millisecondsText, shortened } from './readings.js'

const ROW_HEIGHT = 26
const MARGIN_TOP = 10
const MARGIN_BOTTOM = 44
const LABEL_LENGTH = 38
const NOTE_LENGTH = 22

type Entry = Timeline['entries'][number]

/** One failing trial as a waterfall: a row per request or wait, in order. */
export function timelineFigure(id: string, { remedy, trial, entries }: Timeline): Figure {
  const rows = entries.map((entry, row) => ({
    row,
    fromMs: entry.atMs,
    toMs: entry.atMs + entry.durationMs,
    color: !entry.succeeded ? COLORS.bad : entry.method === undefined ? COLORS.quiet : COLORS.good,
    outcome: shortened(outcomeOf(entry), NOTE_LENGTH),
    text: `${nameOf(entry)}: ${outcomeOf(entry)}, ${millisecondsText(entry.durationMs)}`,
  }))
  const endMs = Math.max(1, ...rows.map(({ toMs }) => toMs))
  const title = `A failing trial: number ${trial} with ${oneLine(remedy)}`
  const failures = entries.filter(({ succeeded }) => !succeeded)
  const description = `${entries.length} steps in ${millisecondsText(endMs)}; ${failures.length === 0 ? 'none failed' : `failed: ${failures.map((entry) => `${entry.step} at ${millisecondsText(entry.atMs)} (${outcomeOf(entry)})`).join(', ')}`}.`
  return drawFigure(
    id,
    {
      title,
      description,
      table: {
        columns: ['at', 'took', 'step', 'request', 'status', 'outcome', 'note'],
        rows: entries.map((entry) => [
          millisecondsText(entry.atMs),
          millisecondsText(entry.durationMs),
          entry.step,
          [entry.method, entry.path].filter((part) => part !== undefined).join(' '),
          entry.status === undefined ? '–' : String(entry.status),
          entry.succeeded ? 'succeeded' : 'failed',
          entry.note ?? '',
        ]),
      },
    },
    {
      height: MARGIN_TOP + MARGIN_BOTTOM + ROW_HEIGHT * Math.max(1, rows.length),
      marginTop: MARGIN_TOP,
      marginBottom: MARGIN_BOTTOM,
      marginLeft: 262,
      marginRight: 150,
      x: { domain: [0, endMs] },
      y: { domain: rows.map(({ row }) => row), padding: 0.35 },
      marks: [
        axisY({
          label: null,
          tickSize: 0,
          tickFormat: (row: number) => labelOf(entries[row]),
        }),
        axisX({ label: 'since the start of the trial →', tickFormat: millisecondsText, ticks: 4 }),
        gridX({ ticks: 4, stroke: COLORS.quiet, strokeOpacity: 0.35 }),
        // Half a pixel more on both sides, so that the shortest request is seen, too.
        barX(rows, {
          x1: 'fromMs',
          x2: 'toMs',
          y: 'row',
          fill: 'color',
          insetLeft: -0.5,
          insetRight: -1,
          title: 'text',
        }),
        text(rows, { x: 'toMs', y: 'row', text: 'outcome', textAnchor: 'start', dx: 6 }),
      ],
    },
  )
}

function nameOf(entry: Entry | undefined): string {
  return oneLine([entry?.step, entry?.method, entry?.path].filter((part) => part !== undefined).join(' '))
}

/** The end of a path tells requests apart, its beginning does not. */
function labelOf(entry: Entry | undefined): string {
  const whole = nameOf(entry)
  const path = oneLine(entry?.path ?? '')
  if (whole.length <= LABEL_LENGTH || path === '') return shortened(whole, LABEL_LENGTH)
  const start = whole.slice(0, whole.length - path.length)
  return shortened(`${start}…${path.slice(-Math.max(1, LABEL_LENGTH - start.length - 1))}`, LABEL_LENGTH)
}

function outcomeOf({ succeeded, status, note, method }: Entry): string {
  const mark = succeeded ? (method === undefined ? '' : '✓') : '✗'
  const answer = status === undefined ? (note ?? '') : String(status)
  return oneLine(`${mark} ${answer}`.trim())
}
