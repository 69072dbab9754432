import { countOf, dateText, durationText } from '../../report/text.js'
import type { Cause, RaceReport, StepMeasurement } from '../model.js'
import { svgText, type DataTable, type Figure } from './figure.js'
import { latencyFigure } from './latency-figure.js'
import {
  lagText,
  alwaysFromMs,
  answerText,
  causesOf,
  failingStep,
  intervalText,
  numberText,
  percentText,
  shareOf,
} from './readings.js'
import { remedyFigure } from './remedy-figure.js'
import { stepFigure } from './step-figure.js'
import { timelineFigure } from './timeline-figure.js'

/** Everything that the page shows, as texts and pictures. @param report a clean one. */
export function pageView(report: RaceReport) {
  const causes = causesOf(report)
  return {
    tool: `${report.tool.name} ${report.tool.version}`,
    facts: factsOf(report),
    diagnoses: report.diagnoses.map(({ cause, sentence }) => ({
      cause,
      sentence,
      ...markOf(report, cause),
    })),
    causes: causes.map((cause) => ({
      cause,
      sentences: report.diagnoses.filter((one) => one.cause === cause).map(({ sentence }) => sentence),
      figures: figuresOf(report, cause).map(({ picture, ...rest }) => ({ ...rest, svg: svgText(picture) })),
      answers: answersOf(report, cause),
    })),
    server: serverTable(report),
  }
}

function factsOf(report: RaceReport) {
  const { nextcloud, spent } = report
  return [
    {
      name: 'Nextcloud',
      value: nextcloud.profile === undefined ? nextcloud.kind : `${nextcloud.kind} (${nextcloud.profile})`,
      detail: nextcloud.url ?? '',
    },
    {
      name: 'Trials',
      value: `${report.trials} per remedy and step`,
      detail: `seed ${report.seed}, ${report.concurrency} at a time, ${report.clock} clock`,
    },
    { name: 'Lag', value: lagText(report), detail: 'where the cause is one' },
    {
      name: 'Spent',
      value: countOf(spent.requests, 'request'),
      detail: `${countOf(spent.registrations, 'registration')}, ${countOf(spent.clientsLeft, 'client')} left`,
    },
    { name: 'Run', value: durationText(report.durationMs), detail: dateText(report.startedAt) },
  ]
}

/** Whether anything failed under a cause: a step, or a first authorization without a remedy. */
function markOf(report: RaceReport, cause: Cause): { readonly symbol: string; readonly tone: string } {
  const failed =
    report.steps.some((step) => step.cause === cause && alwaysFromMs(step) !== 0) ||
    report.remedies.some(
      ({ cause: its, remedy, firstAuthorization: { succeeded, trials } }) =>
        its === cause && remedy === 'none' && succeeded < trials,
    )
  return failed ? { symbol: '✗', tone: 'bad' } : { symbol: '✓', tone: 'good' }
}

function figuresOf(report: RaceReport, cause: Cause): readonly Figure[] {
  const own = <T extends { readonly cause: Cause }>(items: readonly T[]): readonly T[] =>
    items.filter((item) => item.cause === cause)
  const steps = own(report.steps)
  const remedies = own(report.remedies)
  return [
    ...(steps.length === 0 ? [] : [stepFigure(`steps-${cause}`, steps)]),
    ...(remedies.length === 0
      ? []
      : [
          remedyFigure(`remedies-${cause}`, remedies, failingStep(report, cause)),
          latencyFigure(`latencies-${cause}`, remedies),
        ]),
    ...own(report.timelines).map((timeline, index) => timelineFigure(`timeline-${cause}-${index}`, timeline)),
  ]
}

function answersOf(report: RaceReport, cause: Cause): DataTable | null {
  const rowsOf = (name: string, answers: StepMeasurement['failingAnswers']): string[][] =>
    answers.map((answer) => [name, String(answer.count), answerText(answer)])
  const rows = [
    ...report.steps
      .filter((step) => step.cause === cause)
      .flatMap(({ step, failingAnswers }) => rowsOf(step, failingAnswers)),
    ...report.remedies
      .filter((remedy) => remedy.cause === cause)
      .flatMap(({ remedy, failingAnswers }) => rowsOf(`with ${remedy}`, failingAnswers)),
  ]
  return rows.length === 0 ? null : { columns: ['step or remedy', 'count', 'answer'], rows }
}

function serverTable({ server = [] }: RaceReport): DataTable | null {
  if (server.length === 0) return null
  return {
    columns: [
      'cause',
      'first flows that succeed',
      'of',
      '95 % interval',
      'registrations per start',
      'registrations per session',
      'failing answers',
    ],
    rows: server.map(({ cause, firstFlow, failingAnswers, ...counts }) => [
      cause,
      percentText(shareOf(firstFlow)),
      String(firstFlow.trials),
      intervalText(firstFlow.low, firstFlow.high),
      numberText(counts.registrationsPerStart),
      numberText(counts.registrationsPerSession),
      failingAnswers.map((answer) => `${answer.count} × ${answerText(answer)}`).join('; '),
    ]),
  }
}
