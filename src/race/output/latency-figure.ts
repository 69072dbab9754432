import {
  areaY,
  axisFy,
  axisX,
  binX,
  normalizeY,
  ruleY,
  text,
  tickX,
  type AreaYOptions,
} from '@observablehq/plot'
import type { RemedyMeasurement } from '../model.js'
import { COLORS, drawFigure, type Figure } from './figure.js'
import { millisecondsText, shortened } from './readings.js'

const ROW_HEIGHT = 44
const MARGIN_TOP = 26
const MARGIN_BOTTOM = 44
const BINS = 80
const LABEL_LENGTH = 18

/** The times that each remedy of one cause takes: a row per remedy, each as high as its own most frequent time. */
export function latencyFigure(id: string, remedies: readonly RemedyMeasurement[]): Figure {
  const rows = remedies.map(({ remedy, extraLatencyMs, latenciesMs }, index) => ({
    // Two names may be the same once they are cut.
    row: index,
    name: shortened(remedy, LABEL_LENGTH),
    ...extraLatencyMs,
    latenciesMs,
    text: (['p50', 'p95', 'p99'] as const).map((name) => millisecondsText(extraLatencyMs[name])).join(' · '),
  }))
  const samples = rows.flatMap(({ row, latenciesMs }) => latenciesMs.map((ms) => ({ row, ms })))
  const endMs = Math.max(1, ...rows.flatMap(({ p99, latenciesMs }) => [p99, latenciesMs.at(-1) ?? 0]))
  const title = 'Time that each remedy takes'
  const description =
    'The distribution over all trials, each as high as its most frequent time. The long tick is the median, the short ones are p95 and p99.'
  const thresholds = Array.from({ length: BINS + 1 }, (_, index) => (index * endMs) / BINS)
  return drawFigure(
    id,
    {
      title,
      description,
      table: {
        columns: ['remedy', 'p50', 'p95', 'p99', 'shortest', 'longest'],
        rows: remedies.map(({ remedy, extraLatencyMs: { p50, p95, p99 }, latenciesMs }) => [
          remedy,
          ...[p50, p95, p99].map(millisecondsText),
          ...[latenciesMs[0], latenciesMs.at(-1)].map((ms) =>
            ms === undefined ? '–' : millisecondsText(ms),
          ),
        ]),
      },
    },
    {
      height: MARGIN_TOP + MARGIN_BOTTOM + ROW_HEIGHT * rows.length,
      marginTop: MARGIN_TOP,
      marginBottom: MARGIN_BOTTOM,
      marginLeft: 148,
      marginRight: 178,
      x: { domain: [0, endMs] },
      y: { axis: null, domain: [0, 1] },
      fy: { domain: rows.map(({ row }) => row), padding: 0.25 },
      marks: [
        axisFy({
          anchor: 'left',
          label: null,
          textAnchor: 'end',
          dx: -8,
          tickFormat: (row: number) => rows[row]?.name ?? '',
        }),
        axisX({ label: 'time →', tickFormat: millisecondsText, ticks: 6 }),
        ruleY([0], { stroke: COLORS.quiet, strokeOpacity: 0.5 }),
        areaY(
          samples,
          normalizeY(
            'max',
            binX<AreaYOptions>(
              { y: 'count' },
              {
                x: { value: 'ms', thresholds },
                fy: 'row',
                z: 'row',
                fill: COLORS.good,
                fillOpacity: 0.45,
                curve: 'step',
              },
            ),
          ),
        ),
        tickX(rows, { x: 'p99', fy: 'row', strokeOpacity: 0.7, insetTop: ROW_HEIGHT / 2.2 }),
        tickX(rows, { x: 'p95', fy: 'row', strokeOpacity: 0.7, insetTop: ROW_HEIGHT / 2.2 }),
        tickX(rows, { x: 'p50', fy: 'row', stroke: 'currentColor', strokeWidth: 2 }),
        text(['p50 · p95 · p99'], {
          frameAnchor: 'top-right',
          textAnchor: 'start',
          dx: 10,
          dy: -18,
          facet: 'super',
        }),
        text(rows, { fy: 'row', text: 'text', frameAnchor: 'right', textAnchor: 'start', dx: 10 }),
      ],
    },
  )
}
