import type { Result } from './model.js'

/** What the engine tells whoever shows the progress of a run. */
export interface RunUi {
  /** A step before the first check, as one line without full stop. */
  stage(text: string): void
  /** Every cell of the run, in catalogue order; called once, before the first `result`. */
  planned(cells: readonly Pick<Result, 'check' | 'suite' | 'mode'>[]): void
  /** A cell has its verdict. Cells of one run arrive in any order. */
  result(result: Result): void
}
