import type { Colors } from 'picocolors/types.js'
import { VERDICTS, type Result, type Verdict } from './model.js'
import { oneLine, VERDICT_LABELS } from './text.js'
import type { RunUi } from './ui.js'

interface Stream {
  write(text: string): unknown
  readonly columns?: number
}

interface SuiteState {
  readonly name: string
  total: number
  done: number
  readonly verdicts: Map<Verdict, number>
}

const BAR_WIDTH = 20
const ERASE_LINE = '\u001b[2K'

/** One line per suite that is drawn again in place as results arrive. */
export class LiveSuites implements RunUi {
  readonly #stream: Stream
  readonly #colors: Colors
  readonly #suites = new Map<string, SuiteState>()
  #drawnLines = 0

  constructor(stream: Stream, colors: Colors) {
    this.#stream = stream
    this.#colors = colors
  }

  stage(text: string): void {
    this.#stream.write(`${this.#colors.dim(`· ${oneLine(text)}`)}\n`)
    // The block below stays where it is; a later one starts under this line.
    this.#drawnLines = 0
  }

  planned(cells: readonly Pick<Result, 'suite'>[]): void {
    for (const { suite } of cells) this.#stateOf(suite).total += 1
  }

  result(result: Result): void {
    const state = this.#stateOf(result.suite)
    state.done += 1
    state.verdicts.set(result.verdict, (state.verdicts.get(result.verdict) ?? 0) + 1)
    this.#draw()
  }

  #stateOf(name: string): SuiteState {
    const state = this.#suites.get(name) ?? { name, total: 0, done: 0, verdicts: new Map<Verdict, number>() }
    this.#suites.set(name, state)
    return state
  }

  #draw(): void {
    const up = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A`
    const lines = [...this.#suites.values()].map((state) => `${ERASE_LINE}${this.#line(state)}\n`)
    this.#stream.write(up + lines.join(''))
    this.#drawnLines = lines.length
  }

  /** Kept within the terminal's width: a wrapped line could not be drawn again in place. */
  #line({ name, total, done, verdicts }: SuiteState): string {
    const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH)
    const counts = VERDICTS.filter((verdict) => verdicts.has(verdict)).map((verdict) => ({
      verdict,
      text: `${VERDICT_LABELS[verdict].symbol} ${verdicts.get(verdict) ?? 0}`,
    }))
    let room = (this.#stream.columns ?? 80) - (2 + 16 + BAR_WIDTH + 9)
    const shown = counts.filter(({ text }) => (room -= text.length + 2) > 0)
    const bar = this.#colors.green('━'.repeat(filled)) + this.#colors.dim('━'.repeat(BAR_WIDTH - filled))
    const tallies = shown.map(({ verdict, text }) => colorOf(verdict, this.#colors)(text)).join('  ')
    return `  ${name.padEnd(16)}${bar} ${`${done}/${total}`.padStart(6)}  ${tallies}`
  }
}

/** The colour that goes with a verdict's symbol. */
export function colorOf(verdict: Verdict, colors: Colors): (text: string) => string {
  switch (verdict) {
    case 'error':
    case 'failed':
      return colors.red
    case 'warning':
    case 'not-testable':
      return colors.yellow
    case 'known-deviation':
      return colors.cyan
    case 'not-applicable':
      return colors.dim
    case 'passed':
      return colors.green
  }
}
