import { areaY, axisX, axisY, dot, gridY, lineY, link, text } from '@observablehq/plot'
import type { RemedyMeasurement, StepMeasurement } from '../model.js'
import { COLORS, drawFigure, type Figure } from './figure.js'
import {
  intervalText,
  millisecondsText,
  numberText,
  percentText,
  shareOf,
  shortened,
  tickPercent,
} from './readings.js'

const HEIGHT = 320
const MARGIN_TOP = 16
const MARGIN_BOTTOM = 44
const MARGIN_RIGHT = 176
const LABEL_PIXELS = 15
const LABEL_LENGTH = 24

/**
 * How often the first authorization succeeds with each remedy, by the time that the remedy takes; behind it the step
 * that fails, tried that long after the write: what the same time of mere waiting buys.
 *
 * @param step the failing one, when there is one.
 */
export function remedyFigure(
  id: string,
  remedies: readonly RemedyMeasurement[],
  step: StepMeasurement | undefined,
): Figure {
  const dots = labelled(
    remedies.map(({ remedy, firstAuthorization, extraLatencyMs }) => {
      const sound = firstAuthorization.succeeded === firstAuthorization.trials
      const share = shareOf(firstAuthorization)
      return {
        remedy: shortened(remedy, LABEL_LENGTH),
        ...extraLatencyMs,
        share: Number.isNaN(share) ? 0 : share,
        low: firstAuthorization.low,
        high: firstAuthorization.high,
        color: sound ? COLORS.good : COLORS.bad,
        symbol: sound ? ('circle' as const) : ('times' as const),
        text: `${remedy}: ${percentText(share)} (${intervalText(firstAuthorization.low, firstAuthorization.high)} %), ${millisecondsText(extraLatencyMs.p50)} more in the median`,
      }
    }),
  )
  const waiting = (step?.points ?? []).map(({ delayMs, rate }) => ({
    delayMs,
    share: shareOf(rate),
    low: rate.low,
    high: rate.high,
  }))
  const endMs = Math.max(1, ...dots.map(({ p95 }) => p95), ...waiting.map(({ delayMs }) => delayMs))
  const title = 'Success of the first authorization against the time that a remedy takes'
  const sound = remedies.filter(
    ({ firstAuthorization: { succeeded, trials } }) => trials > 0 && succeeded === trials,
  )
  const description = [
    sound.length === 0
      ? 'No remedy always succeeds.'
      : `Always succeeding: ${sound.map(({ remedy, extraLatencyMs }) => `${remedy} (${millisecondsText(extraLatencyMs.p50)})`).join(', ')}.`,
    'A circle (always) or a cross (not always) is at the median time; the lines reach to its p95 and over the interval at 95 %.',
    ...(step === undefined ? [] : [`Grey: the step ${step.step}, tried that long after the write.`]),
  ].join(' ')
  return drawFigure(
    id,
    {
      title,
      description,
      table: {
        columns: [
          'remedy',
          'succeeded',
          'of',
          '%',
          '95 % interval',
          'p50',
          'p95',
          'p99',
          'requests per trial',
          'registrations per trial',
        ],
        rows: remedies.map(
          ({ remedy, firstAuthorization: rate, extraLatencyMs, requests, registrations }) => [
            remedy,
            String(rate.succeeded),
            String(rate.trials),
            percentText(shareOf(rate)),
            intervalText(rate.low, rate.high),
            millisecondsText(extraLatencyMs.p50),
            millisecondsText(extraLatencyMs.p95),
            millisecondsText(extraLatencyMs.p99),
            numberText(requests.perTrial),
            numberText(registrations.perTrial),
          ],
        ),
      },
    },
    {
      height: HEIGHT,
      marginTop: MARGIN_TOP,
      marginBottom: MARGIN_BOTTOM,
      marginLeft: 52,
      marginRight: MARGIN_RIGHT,
      x: { domain: [0, endMs] },
      y: { domain: [0, 1] },
      // Symbols are given as they are.
      symbol: { type: 'identity' },
      marks: [
        gridY({ ticks: 5, stroke: COLORS.quiet, strokeOpacity: 0.35 }),
        axisX({ label: 'time →', tickFormat: millisecondsText, ticks: 6 }),
        axisY({ label: null, ticks: 5, tickFormat: tickPercent }),
        areaY(waiting, { x: 'delayMs', y1: 'low', y2: 'high', fill: COLORS.quiet, fillOpacity: 0.2 }),
        lineY(waiting, { x: 'delayMs', y: 'share', stroke: COLORS.quiet, strokeDasharray: '5 4' }),
        link(dots, {
          x1: 'p50',
          y1: 'share',
          x2: endMs,
          y2: 'labelAt',
          stroke: COLORS.quiet,
          strokeOpacity: 0.6,
        }),
        link(dots, { x1: 'p50', y1: 'low', x2: 'p50', y2: 'high', stroke: 'color', strokeWidth: 2 }),
        link(dots, { x1: 'p50', y1: 'share', x2: 'p95', y2: 'share', stroke: 'color', strokeWidth: 2 }),
        dot(dots, {
          x: 'p50',
          y: 'share',
          stroke: 'color',
          fill: 'color',
          symbol: 'symbol',
          r: 5,
          strokeWidth: 2,
          title: 'text',
        }),
        text(dots, {
          y: 'labelAt',
          text: 'remedy',
          frameAnchor: 'right',
          textAnchor: 'start',
          dx: 6,
          title: 'text',
        }),
      ],
    },
  )
}

/** Gives each a place for its label, from 0 to 1, as near to its success as the others allow. */
function labelled<T extends { readonly share: number; readonly p50: number }>(
  dots: readonly T[],
): readonly (T & { readonly labelAt: number })[] {
  const apart = Math.min(
    LABEL_PIXELS / (HEIGHT - MARGIN_TOP - MARGIN_BOTTOM),
    1 / Math.max(1, dots.length - 1),
  )
  // Among equals the order that keeps the lines to the labels apart: they rise from the bottom and fall from the top.
  const ascending = dots.toSorted(
    (a, b) => a.share - b.share || (a.share > 0.5 ? a.p50 - b.p50 : b.p50 - a.p50),
  )
  const places: number[] = []
  for (const { share } of ascending) places.push(Math.max(share, (places.at(-1) ?? -apart) + apart))
  // Whoever was pushed out at the top pushes the others back down.
  for (let index = places.length - 1, highest = 1; index >= 0; index -= 1, highest -= apart) {
    places[index] = Math.min(places[index] ?? 0, highest)
  }
  return ascending.map((one, index) => ({ ...one, labelAt: places[index] ?? one.share }))
}
