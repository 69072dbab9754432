import { areaY, axisFy, axisX, axisY, dot, lineY, ruleY } from '@observablehq/plot'
import type { StepMeasurement } from '../model.js'
import { COLORS, drawFigure, type Figure } from './figure.js'
import {
  alwaysFromMs,
  alwaysText,
  intervalText,
  millisecondsText,
  percentText,
  shareOf,
  tickPercent,
} from './readings.js'

const ROW_HEIGHT = 50
const MARGIN_TOP = 14
const MARGIN_BOTTOM = 44

/** How often each step of one cause succeeds, by the delay after the write that it depends on: a row per step. */
export function stepFigure(id: string, steps: readonly StepMeasurement[]): Figure {
  const points = steps.flatMap((step) =>
    step.points.map(({ delayMs, rate }) => ({
      step: step.step,
      delayMs,
      share: shareOf(rate),
      low: rate.low,
      high: rate.high,
      color: alwaysFromMs(step) === 0 ? COLORS.good : COLORS.bad,
      text: `${step.step}, ${millisecondsText(delayMs)} after the write: ${percentText(shareOf(rate))} of ${rate.trials} (${intervalText(rate.low, rate.high)} %)`,
    })),
  )
  const late = steps.filter((step) => alwaysFromMs(step) !== 0)
  const title = 'Success of each step against the delay after the write that it depends on'
  const description =
    late.length === 0
      ? 'Every step always succeeds, with any delay.'
      : `Late: ${late.map((step) => `${step.step} (always from ${alwaysText(step)})`).join(', ')}. The other steps succeed at once. Bands are intervals at 95 %.`
  const channels = { x: 'delayMs', fy: 'step' } as const
  return drawFigure(
    id,
    {
      title,
      description,
      table: {
        columns: ['step', 'delay', 'succeeded', 'of', '%', '95 % interval'],
        rows: steps.flatMap((step) =>
          step.points.map(({ delayMs, rate }) => [
            step.step,
            millisecondsText(delayMs),
            String(rate.succeeded),
            String(rate.trials),
            percentText(shareOf(rate)),
            intervalText(rate.low, rate.high),
          ]),
        ),
      },
    },
    {
      height: MARGIN_TOP + MARGIN_BOTTOM + ROW_HEIGHT * steps.length,
      marginTop: MARGIN_TOP,
      marginBottom: MARGIN_BOTTOM,
      marginLeft: 148,
      marginRight: 52,
      x: { domain: [0, Math.max(1, ...points.map(({ delayMs }) => delayMs))] },
      y: { domain: [0, 1] },
      fy: { domain: steps.map(({ step }) => step), padding: 0.4 },
      marks: [
        axisFy({ anchor: 'left', label: null, textAnchor: 'end', dx: -8 }),
        axisX({ label: 'delay after the write →', tickFormat: millisecondsText, ticks: 6 }),
        axisY({ anchor: 'right', label: null, ticks: [0, 1], tickSize: 3, tickFormat: tickPercent }),
        ruleY([0, 1], { stroke: COLORS.quiet, strokeOpacity: 0.35 }),
        areaY(points, { ...channels, y1: 'low', y2: 'high', z: 'step', fill: 'color', fillOpacity: 0.22 }),
        lineY(points, { ...channels, y: 'share', z: 'step', stroke: 'color', strokeWidth: 2 }),
        dot(points, { ...channels, y: 'share', fill: 'color', r: 3, title: 'text' }),
      ],
    },
  )
}
