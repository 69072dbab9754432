import { availableParallelism } from 'node:os'
import type { CellMode, Check, Mutant, MutantLink } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import { PROFILE_NAMES, type ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import { planCells, type Cell } from './plan.js'
import { DEFAULT_WINDOWS, prepareRun, type RunSettings } from './prepare.js'
import { runCell } from './run-cell.js'
import { inParallel } from './in-parallel.js'

const DEFAULT_PROFILE: ProfileName = 'oidc-2.0.9'
/** Cells of one stack that run at the same time; they mostly wait for each other's HTTP. */
const CELLS_AT_ONCE = 4

export type CellVerdicts = ReadonlyMap<string, { readonly verdict: Verdict; readonly message: string }>

/** What one mutant did to the catalogue. */
export interface MutantReport {
  readonly mutant: Mutant
  readonly check: string
  readonly profile: ProfileName
  /** Every cell of its check is red. */
  readonly killed: boolean
  /** Cells that changed as listed in the catalogue. */
  readonly collateral: readonly string[]
  /** Cells that changed although nobody listed them: `check [mode]: verdict, message`. */
  readonly unexpected: readonly string[]
  readonly durationMs: number
}

export interface SelfTestReport {
  /** Verdict of every cell without any mutant, per profile. Unexpected ones fail the self-test. */
  readonly baseline: readonly { profile: ProfileName; cell: string; verdict: Verdict; message: string }[]
  readonly mutants: readonly MutantReport[]
  readonly ok: boolean
  readonly durationMs: number
}

export interface SelfTestOptions {
  /** Only these mutants; empty = all. */
  readonly mutants?: readonly string[]
  readonly signal?: AbortSignal
  /** Mutants at the same time. Default: the number of cores. */
  readonly concurrency?: number
}

export interface SelfTestUi {
  mutant(report: MutantReport): void
  stage(text: string): void
}

const RED: ReadonlySet<Verdict> = new Set(['failed', 'warning'])
const CONFORMING: ReadonlySet<Verdict> = new Set(['passed', 'known-deviation', 'not-applicable'])

/**
 * Proves that every check can fail: runs the catalogue against the model citizens, then once per mutant, and
 * compares. A mutant must turn every cell of its check red and change nothing else but the listed collateral.
 */
export async function runSelfTest(options: SelfTestOptions, ui: SelfTestUi): Promise<SelfTestReport> {
  const started = performance.now()
  const links = CHECKS.flatMap((check) => check.mutants.map((link) => ({ check, link }))).filter(
    ({ link }) =>
      options.mutants === undefined || options.mutants.length === 0 || options.mutants.includes(link.id),
  )
  const profiles = PROFILE_NAMES.filter((profile) => links.some(({ link }) => profileOf(link) === profile))
  const baselines = new Map<ProfileName, CellVerdicts>()
  for (const profile of profiles) {
    ui.stage(`running the catalogue on ${profile} without a mutant`)
    baselines.set(profile, await verdictsWith([], profile))
  }
  ui.stage(`running ${links.length} mutants`)
  const mutants = await inParallel(
    links,
    options.concurrency ?? availableParallelism(),
    async ({ check, link }) => {
      options.signal?.throwIfAborted()
      const report = await testMutant(check, link, baselines.get(profileOf(link)) ?? new Map())
      ui.mutant(report)
      return report
    },
  )
  const baseline = [...baselines].flatMap(([profile, verdicts]) =>
    [...verdicts].map(([cell, { verdict, message }]) => ({ profile, cell, verdict, message })),
  )
  return {
    baseline,
    mutants,
    ok:
      baseline.every(({ verdict }) => CONFORMING.has(verdict)) &&
      mutants.every(({ killed, unexpected }) => killed && unexpected.length === 0) &&
      mutants.length > 0,
    durationMs: Math.round(performance.now() - started),
  }
}

async function testMutant(check: Check, link: MutantLink, baseline: CellVerdicts): Promise<MutantReport> {
  const started = performance.now()
  const verdicts = await verdictsWith([link.id], profileOf(link))
  const own: Verdict[] = []
  const collateral: string[] = []
  const unexpected: string[] = []
  for (const [cell, { verdict, message }] of verdicts) {
    const id = cell.split(' ')[0] ?? cell
    if (id === check.id) own.push(verdict)
    else if (verdict !== baseline.get(cell)?.verdict) {
      ;(isListed(link, id, verdict) ? collateral : unexpected).push(`${cell}: ${verdict}, ${message}`)
    }
  }
  return {
    mutant: link.id,
    check: check.id,
    profile: profileOf(link),
    killed: own.length > 0 && own.every((verdict) => RED.has(verdict)),
    collateral,
    unexpected,
    durationMs: Math.round(performance.now() - started),
  }
}

/** Listed collateral may also be absent where the check's own timing hides it; red ones must be listed as red. */
function isListed(link: MutantLink, check: string, verdict: Verdict): boolean {
  if (RED.has(verdict)) return link.alsoRed?.includes(check) === true
  if (verdict !== 'not-testable') return false
  return link.alsoNotTestable === '*' || link.alsoNotTestable?.includes(check) === true
}

async function verdictsWith(mutants: readonly Mutant[], profile: ProfileName): Promise<CellVerdicts> {
  const settings: RunSettings = {
    nextcloud: 'embedded',
    profile,
    targets: { basic: { kind: 'reference' }, oauth: { kind: 'reference' } },
    suites: [],
    checks: [],
    userAgent: 'http',
    mutants,
    revision: '2025-11-25',
    // A mutant that outlives the window is red all the same, only later.
    windows: { ...DEFAULT_WINDOWS, clockSkewSeconds: 2, upstreamTimeoutMs: 12_000 },
  }
  await using run = await prepareRun(settings, { stage: () => undefined })
  const cells: readonly Cell[] = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })
  const entries = await inParallel(cells, CELLS_AT_ONCE, async (cell) => {
    const { result } = await runCell(cell, run.handle, run.redactor)
    return [cellKey(result.check, result.mode), { verdict: result.verdict, message: result.message }] as const
  })
  return new Map(entries)
}

function cellKey(check: string, mode: CellMode): string {
  return `${check} [${mode}]`
}

function profileOf(link: MutantLink): ProfileName {
  return link.profile ?? DEFAULT_PROFILE
}
