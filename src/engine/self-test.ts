import { availableParallelism } from 'node:os'
import type { Check, Mutant, MutantLink } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import { PROFILE_NAMES, type ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import type { BaselineCell, CellKey, CellVerdict } from './catalogue-verdicts.js'
import { inParallel } from './in-parallel.js'
import { planCells, type Cell } from './plan.js'
import { SelfTestPool } from './self-test-pool.js'

const DEFAULT_PROFILE: ProfileName = 'oidc-2.0.9'

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
  /** Cells that were run under it: those that ask about it, and its check's own. */
  readonly cells: number
  readonly durationMs: number
}

export interface SelfTestReport {
  /** Only kills were looked at: there is no baseline, and collateral is unknown. */
  readonly killsOnly: boolean
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
  /** Run also the cells that never ask about a mutant. Default false. */
  readonly everyCell?: boolean
  /** Run under each mutant only the cells of its own check, and no baseline: what else it breaks is not looked at. */
  readonly killsOnly?: boolean
  /** Processes. Default: twice as many as there are cores, as cells wait now and then. */
  readonly concurrency?: number
}

export interface SelfTestUi {
  mutant(report: MutantReport): void
  stage(text: string): void
}

const RED: ReadonlySet<Verdict> = new Set(['failed', 'warning'])
const CONFORMING: ReadonlySet<Verdict> = new Set(['passed', 'known-deviation', 'not-applicable'])

/**
 * Proves that every check can fail: runs each cell against the model citizens and notes which mutants were asked about,
 * then runs under each mutant the cells that asked about it, and compares. A mutant must turn every cell of its check
 * red and change nothing else but the listed collateral. See docs/decisions/0009.
 */
export async function runSelfTest(options: SelfTestOptions, ui: SelfTestUi): Promise<SelfTestReport> {
  const started = performance.now()
  const links = CHECKS.flatMap((check) => check.mutants.map((link) => ({ check, link }))).filter(
    ({ link }) =>
      options.mutants === undefined || options.mutants.length === 0 || options.mutants.includes(link.id),
  )
  const concurrency = options.concurrency ?? 2 * availableParallelism()
  await using pool = new SelfTestPool(concurrency)
  options.signal?.addEventListener('abort', () => void pool[Symbol.asyncDispose](), { once: true })
  const profiles = PROFILE_NAMES.filter((profile) => links.some(({ link }) => profileOf(link) === profile))
  const planned = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })
  if (options.killsOnly !== true)
    ui.stage(`running ${planned.length} cells on ${profiles.join(' and ')} without a mutant`)
  const baselines =
    options.killsOnly === true ? [] : await runBaselines(pool, profiles, planned, concurrency, options.signal)

  const scope = options.killsOnly === true ? 'the cells of their checks' : 'the cells that ask about them'
  ui.stage(`running ${links.length} mutants on ${scope}`)
  const jobs = links.map((named) => {
    const baseline = baselines.filter(({ profile }) => profile === profileOf(named.link))
    const concerned = baseline.filter(
      ({ check, asked }) =>
        options.everyCell === true || check === named.check.id || asked.includes(named.link.id),
    )
    return { ...named, concerned }
  })
  // The longest first, so that none is left over at the end.
  jobs.sort((a, b) => b.concerned.length - a.concerned.length)
  const mutants = await inParallel(jobs, concurrency, async ({ check, link, concerned }) => {
    options.signal?.throwIfAborted()
    const own = planned.filter((cell) => cell.check.id === check.id)
    const report = await testMutant(
      pool,
      check,
      link,
      options.killsOnly === true ? own.map(unseen) : concerned,
    )
    ui.mutant(report)
    return report
  })
  const baseline = baselines.map((cell) => ({
    profile: cell.profile,
    cell: nameOf(cell),
    verdict: cell.verdict,
    message: cell.message,
  }))
  return {
    killsOnly: options.killsOnly === true,
    baseline,
    mutants,
    ok:
      baseline.every(({ verdict }) => CONFORMING.has(verdict)) &&
      mutants.every(({ killed, unexpected }) => killed && unexpected.length === 0) &&
      mutants.length > 0,
    durationMs: Math.round(performance.now() - started),
  }
}

type ProfiledCell = BaselineCell & { readonly profile: ProfileName }

async function runBaselines(
  pool: SelfTestPool,
  profiles: readonly ProfileName[],
  planned: readonly Cell[],
  concurrency: number,
  signal: AbortSignal | undefined,
): Promise<readonly ProfiledCell[]> {
  const jobs = profiles.flatMap((profile) => planned.map((cell) => ({ profile, cell })))
  // Checks that ask for more time take it.
  jobs.sort((a, b) => (b.cell.check.timeoutMs ?? 0) - (a.cell.check.timeoutMs ?? 0))
  return inParallel(jobs, concurrency, async ({ profile, cell: { check, mode } }) => {
    signal?.throwIfAborted()
    return { ...(await pool.baseline({ check: check.id, mode }, profile)), profile }
  })
}

/** A cell of which only the verdict under its own mutant matters. */
function unseen({ check, mode }: Cell): BaselineCell {
  return { check: check.id, mode, verdict: 'passed', message: '', asked: [], durationMs: 0 }
}

/** @param concerned the cells to run, with their verdicts without the mutant. */
async function testMutant(
  pool: SelfTestPool,
  check: Check,
  link: MutantLink,
  concerned: readonly BaselineCell[],
): Promise<MutantReport> {
  const started = performance.now()
  const keys = concerned.map(({ check: id, mode }): CellKey => ({ check: id, mode }))
  const verdicts = await pool.verdicts([link.id], profileOf(link), keys)
  const own = verdicts.filter((cell) => cell.check === check.id)
  const changed = verdicts.filter(
    (cell) =>
      cell.check !== check.id &&
      cell.verdict !==
        concerned.find(({ check: id, mode }) => id === cell.check && mode === cell.mode)?.verdict,
  )
  const listed = changed.filter((cell) => isListed(link, cell.check, cell.verdict))
  const describe = (cell: CellVerdict): string => `${nameOf(cell)}: ${cell.verdict}, ${cell.message}`
  return {
    mutant: link.id,
    check: check.id,
    profile: profileOf(link),
    killed: own.length > 0 && own.every(({ verdict }) => RED.has(verdict)),
    collateral: listed.map(describe),
    unexpected: changed.filter((cell) => !listed.includes(cell)).map(describe),
    cells: verdicts.length,
    durationMs: Math.round(performance.now() - started),
  }
}

/** Listed collateral may also be absent where the check's own timing hides it; red ones must be listed as red. */
function isListed(link: MutantLink, check: string, verdict: Verdict): boolean {
  if (RED.has(verdict)) return link.alsoRed?.includes(check) === true
  if (verdict !== 'not-testable') return false
  return link.alsoNotTestable === '*' || link.alsoNotTestable?.includes(check) === true
}

function nameOf({ check, mode }: CellKey): string {
  return `${check} [${mode}]`
}

function profileOf(link: MutantLink): ProfileName {
  return link.profile ?? DEFAULT_PROFILE
}
