import picocolors from 'picocolors'
import wrapAnsi from 'wrap-ansi'
import { countOf, durationText, oneLine } from '../../report/text.js'
import type { RaceReport, RemedyMeasurement, StepMeasurement } from '../model.js'
import { alignColumns, type Column } from './aligned-columns.js'
import {
  lagText,
  alwaysText,
  answerText,
  causesOf,
  cleanReport,
  failuresOf,
  intervalText,
  millisecondsText,
  numberText,
  percentText,
  rateAtOnce,
  shareOf,
  shortened,
} from './readings.js'

type Colors = ReturnType<typeof picocolors.createColors>

const INDENT = '  '
/** Below that nothing can be laid out. */
const MIN_WIDTH = 50
const ANSWER_LENGTH = 90
const LEGEND =
  'failures: first authorizations that still fail, with the interval; +p50 to +p99: time that the remedy takes; requests and registered clients: per trial'

const STEP_COLUMNS: readonly Column[] = [
  { title: 'step', align: 'left' },
  { title: 'at 0 ms', align: 'right' },
  { title: 'always from', align: 'left' },
  { title: 'first failing answer', align: 'left' },
]
const REMEDY_COLUMNS: readonly Column[] = [
  { title: 'remedy', align: 'left' },
  { title: 'failures', align: 'right' },
  { title: '(95 %)', align: 'left' },
  { title: '+p50', align: 'right' },
  { title: '+p95', align: 'right' },
  { title: '+p99', align: 'right' },
  { title: 'requests', align: 'right' },
  { title: 'clients', align: 'right' },
]
const SERVER_COLUMNS: readonly Column[] = [
  { title: 'cause', align: 'left' },
  { title: 'first flows', align: 'right' },
  { title: '(95 %)', align: 'left' },
  { title: 'clients per start', align: 'right' },
  { title: 'per session', align: 'right' },
  { title: 'first failing answer', align: 'left' },
]

/**
 * What a run of the laboratory found, for a terminal: per cause the diagnosis, how the steps do and what the remedies
 * leave and cost. Texts of targets are shown without control characters.
 *
 * @param width in columns, at least 50: a narrower terminal breaks lines itself.
 */
export function consoleTable(
  untrusted: RaceReport,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  const report = cleanReport(untrusted)
  const colors = picocolors.createColors(color)
  const wide = Math.max(MIN_WIDTH, width)
  const blocks = [
    wrapped(headline(report), wide),
    ...causesOf(report).map((cause) => causeBlock(report, cause, wide, colors)),
    ...serverBlock(report, wide, colors),
    [colors.dim(wrapped(LEGEND, wide)), wrapped(spentLine(report), wide)].join('\n'),
  ]
  return `${blocks.join('\n\n')}\n`
}

function headline(report: RaceReport): string {
  const { trials, seed, clock, nextcloud, durationMs } = report
  const profile = nextcloud.profile === undefined ? '' : ` (${oneLine(nextcloud.profile)})`
  return `Registration race: ${countOf(trials, 'trial')} per remedy and step, seed ${seed}, ${clock} clock, ${nextcloud.kind} Nextcloud${profile}, lag ${lagText(report)}, ${durationText(durationMs)}`
}

function spentLine({ spent }: RaceReport): string {
  return `spent: ${countOf(spent.requests, 'request')}, ${countOf(spent.registrations, 'registration')}, ${countOf(spent.clientsLeft, 'client')} left`
}

function causeBlock(report: RaceReport, cause: string, width: number, colors: Colors): string {
  const inner = width - INDENT.length
  const own = <T extends { cause: string }>(items: readonly T[]): readonly T[] =>
    items.filter((item) => item.cause === cause)
  const sentences = own(report.diagnoses).map(({ sentence }) => wrapped(oneLine(sentence), inner))
  const steps = own(report.steps).map((step) => stepRow(step, colors))
  const remedies = own(report.remedies).map((remedy) => remedyRow(remedy, colors))
  const parts = [
    ...sentences,
    ...(steps.length === 0 ? [] : [table(STEP_COLUMNS, steps, inner, colors)]),
    ...(remedies.length === 0 ? [] : [table(REMEDY_COLUMNS, remedies, inner, colors)]),
  ]
  return [colors.bold(cause), indented(parts.join('\n\n'))].join('\n')
}

function serverBlock(report: RaceReport, width: number, colors: Colors): readonly string[] {
  if (report.server === undefined || report.server.length === 0) return []
  const rows = report.server.map(({ cause, firstFlow, failingAnswers, ...counts }) => [
    cause,
    toned(percentText(shareOf(firstFlow)), firstFlow.succeeded === firstFlow.trials, colors),
    intervalText(firstFlow.low, firstFlow.high),
    numberText(counts.registrationsPerStart),
    numberText(counts.registrationsPerSession),
    answersText(failingAnswers),
  ])
  const text = table(SERVER_COLUMNS, rows, width - INDENT.length, colors)
  return [[colors.bold('the server'), indented(text)].join('\n')]
}

function stepRow(step: StepMeasurement, colors: Colors): readonly string[] {
  const atOnce = rateAtOnce(step)
  return [
    step.step,
    atOnce === undefined
      ? '–'
      : toned(percentText(shareOf(atOnce)), atOnce.succeeded === atOnce.trials, colors),
    alwaysText(step),
    answersText(step.failingAnswers),
  ]
}

function remedyRow(measurement: RemedyMeasurement, colors: Colors): readonly string[] {
  const { remedy, firstAuthorization, extraLatencyMs, requests, registrations } = measurement
  const { share, low, high } = failuresOf(firstAuthorization)
  return [
    oneLine(remedy),
    toned(percentText(share), share === 0, colors),
    intervalText(low, high),
    millisecondsText(extraLatencyMs.p50),
    millisecondsText(extraLatencyMs.p95),
    millisecondsText(extraLatencyMs.p99),
    numberText(requests.perTrial),
    numberText(registrations.perTrial),
  ]
}

/** The first one, and how many others there are. */
function answersText(answers: StepMeasurement['failingAnswers']): string {
  const [first, ...others] = answers
  if (first === undefined) return '–'
  const text = answerText(first)
  const short = shortened(text, ANSWER_LENGTH)
  return others.length === 0 ? short : `${short} (+${countOf(others.length, 'other')})`
}

function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  colors: Colors,
): string {
  const titled = columns.map((column) => ({ ...column, title: colors.dim(column.title) }))
  return alignColumns(titled, rows, width).join('\n')
}

function toned(text: string, good: boolean, colors: Colors): string {
  return good ? colors.green(text) : colors.red(text)
}

function wrapped(text: string, width: number): string {
  return wrapAnsi(text, width, { hard: true })
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, INDENT)
}
