import type { CellMode, Mutant } from '../../../src/catalogue/check.js'
import type { TokenFormat, Windows } from '../../../src/catalogue/context.js'
import { CHECKS } from '../../../src/catalogue/index.js'
import type { RunHandle } from '../../../src/engine/handle.js'
import { DEFAULT_WINDOWS, prepareRun } from '../../../src/engine/prepare.js'
import { runCell } from '../../../src/engine/run-cell.js'
import type { ProfileName } from '../../../src/nextcloud/embedded/profiles.js'
import type { Result } from '../../../src/report/model.js'
import { MODES, type Mode, type Revision } from '../../../src/servers/server.js'
import type { AttachedSource, TargetSource } from '../../../src/stack.js'
import type { UserAgent } from '../../../src/user-agent/user-agent.js'

export interface RunOptions {
  readonly mutants?: readonly Mutant[]
  readonly profile?: ProfileName
  /** Default: both. */
  readonly modes?: readonly Mode[]
  /** Default `http`. */
  readonly userAgent?: UserAgent['kind']
  /** Default `any`. */
  readonly tokenFormat?: 'any' | TokenFormat
  readonly revision?: Revision
  /** Servers to judge. Default: a reference server for each mode. */
  readonly targets?: Readonly<Partial<Record<Mode, TargetSource>>>
  /** A Nextcloud that runs already. Default: an embedded one. */
  readonly attached?: AttachedSource
  /** Instead of the defaults, e.g. where a mutant makes a check wait for the end of a window. */
  readonly windows?: Partial<Windows>
}

export interface TestRun {
  /** Runs one cell as a real run would. */
  readonly cell: (checkId: string, mode: CellMode) => Promise<Result>
  readonly handle: RunHandle
  /** Known deviations that a cell has disproved so far. */
  readonly stale: readonly { readonly check: string; readonly finding: string }[]
}

/** A run against the embedded Nextcloud and the reference servers, prepared and taken down as a real one. */
export async function withRun(options: RunOptions, body: (run: TestRun) => Promise<void>): Promise<void> {
  const modes = options.modes ?? MODES
  await using run = await prepareRun(
    {
      nextcloud: options.attached ?? 'embedded',
      profile: options.profile ?? 'oidc-2.0.9',
      targets:
        options.targets ?? Object.fromEntries(modes.map((mode) => [mode, { kind: 'reference' as const }])),
      suites: [],
      checks: [],
      tokenFormat: options.tokenFormat ?? 'any',
      userAgent: options.userAgent ?? 'http',
      mutants: options.mutants ?? [],
      revision: options.revision ?? '2025-11-25',
      windows: { ...DEFAULT_WINDOWS, ...options.windows },
    },
    { stage: () => undefined },
  )
  const stale: { check: string; finding: string }[] = []
  await body({
    handle: run.handle,
    stale,
    async cell(checkId, mode) {
      const check = CHECKS.find(({ id }) => id === checkId)
      if (check === undefined) throw new Error(`no check ${checkId}`)
      const { result, staleDeviations } = await runCell({ check, mode }, run.handle, run.redactor)
      stale.push(...staleDeviations)
      return result
    },
  })
}

/** The ids of a result's findings, known deviations left out. */
export function newFindings(result: Result): string[] {
  return result.findings.filter(({ knownDeviation }) => knownDeviation === undefined).map(({ id }) => id)
}
