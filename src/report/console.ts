import picocolors from 'picocolors'
import type { Colors } from 'picocolors/types.js'
import { renderSummary, type ReportLocation } from './console-summary.js'
import { LiveSuites } from './live-suites.js'
import type { Result, RunReport } from './model.js'
import { oneLine, VERDICT_LABELS } from './text.js'
import type { RunUi } from './ui.js'

/** Where the console writes to. */
export interface ConsoleStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface ConsoleOptions {
  /** Print only what is unexpected. */
  readonly quiet: boolean
  /** `NO_COLOR`, `CI` and `TERM` are read. */
  readonly env: NodeJS.ProcessEnv
}

export interface RunConsole extends RunUi {
  /** The final table. */
  finish(report: RunReport, location: ReportLocation): void
}

const EXPECTED = new Set<Result['verdict']>(['passed', 'known-deviation', 'not-applicable'])

/** Shows a run: on a terminal one updating line per suite, elsewhere plain lines, then the summary. */
export function createConsole(stream: ConsoleStream, options: ConsoleOptions): RunConsole {
  const terminal = isTerminal(stream, options.env)
  const colors = colorsOf(stream, options.env)
  const progress = options.quiet
    ? SILENT
    : terminal && (options.env['CI'] ?? '') === ''
      ? new LiveSuites(stream, colors)
      : plainProgress(stream)
  return {
    stage: (text) => {
      progress.stage(text)
    },
    planned: (cells) => {
      progress.planned(cells)
    },
    result: (result) => {
      progress.result(result)
    },
    finish: (report, location) => {
      if (options.quiet && report.exitCode === 0) return
      stream.write(renderSummary(report, location, colors))
    },
  }
}

/** Colours, on a terminal that is not told to do without. */
export function colorsOf(stream: ConsoleStream, env: NodeJS.ProcessEnv): Colors {
  return picocolors.createColors(isTerminal(stream, env) && (env['NO_COLOR'] ?? '') === '')
}

function isTerminal(stream: ConsoleStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

const SILENT: RunUi = { stage: () => undefined, planned: () => undefined, result: () => undefined }

/** A line per stage, per finished suite, and at once for what is unexpected. */
function plainProgress(stream: ConsoleStream): RunUi {
  const open = new Map<string, { left: number; total: number; unexpected: number }>()
  return {
    stage(text) {
      stream.write(`${oneLine(text)}\n`)
    },
    planned(cells) {
      for (const { suite } of cells) {
        const count = open.get(suite) ?? { left: 0, total: 0, unexpected: 0 }
        open.set(suite, { ...count, left: count.left + 1, total: count.total + 1 })
      }
    },
    result(result) {
      const count = open.get(result.suite) ?? { left: 1, total: 1, unexpected: 0 }
      count.left -= 1
      if (!EXPECTED.has(result.verdict) && result.baselined !== true && result.outOfReach !== true) {
        count.unexpected += 1
        const { symbol, label } = VERDICT_LABELS[result.verdict]
        stream.write(`${symbol} ${label}: ${result.check} [${result.mode}]: ${oneLine(result.message)}\n`)
      }
      open.set(result.suite, count)
      if (count.left > 0) return
      const outcome = count.unexpected === 0 ? 'as expected' : `${count.unexpected} unexpected`
      stream.write(`${result.suite}: ${count.total} done, ${outcome}\n`)
    },
  }
}
