import type { ExitCode } from '../engine/exit-code.js'
import type { SelfTestReport } from '../engine/self-test.js'
import { NcmcError } from '../errors.js'
import type { Comparison } from '../report/compare.js'
import type { RunReport } from '../report/model.js'

/** How a command ended. */
export type Ending =
  | { readonly kind: 'report'; readonly report: Pick<RunReport, 'exitCode'> }
  | { readonly kind: 'self-test'; readonly report: Pick<SelfTestReport, 'ok' | 'mutants'> }
  | {
      readonly kind: 'comparison'
      readonly comparison: Pick<Comparison, 'summary'>
      readonly failOn: 'regression' | 'any'
    }
  | { readonly kind: 'doctor'; readonly ok: boolean }
  | { readonly kind: 'error'; readonly error: unknown }

/**
 * The exit code of every command: 0 conforms or done; 1 an unexpected verdict or a regression; 2 a mistake of the user's; 3 ours
 * or the environment's, or nothing ran.
 */
export function exitCodeOfEnding(ending: Ending): ExitCode {
  switch (ending.kind) {
    case 'report':
      return isExitCode(ending.report.exitCode) ? ending.report.exitCode : 3
    case 'self-test':
      if (ending.report.mutants.length === 0) return 3
      return ending.report.ok ? 0 : 1
    case 'comparison':
      return isBad(ending.comparison.summary, ending.failOn) ? 1 : 0
    case 'doctor':
      return ending.ok ? 0 : 3
    case 'error':
      return ending.error instanceof NcmcError ? ending.error.exitCode : 3
  }
}

function isBad(summary: Comparison['summary'], failOn: 'regression' | 'any'): boolean {
  const { equal: _, ...others } = summary
  return failOn === 'any' ? Object.values(others).some((count) => count > 0) : summary.regression > 0
}

function isExitCode(value: number): value is ExitCode {
  return value === 0 || value === 1 || value === 2 || value === 3
}
