import { availableParallelism } from 'node:os'
import type { Mutant, MutantLink } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import { PROFILE_NAMES, type ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import { countOf } from '../report/text.js'
import type { CellKey, CellVerdict } from './catalogue-verdicts.js'
import { inParallel } from './in-parallel.js'
import { planCells } from './plan.js'
import {
  planSelfTest,
  profileOf,
  type NamedMutant,
  type ProfiledCell,
  type SelfTestPlan,
} from './self-test-plan.js'
import { SelfTestPool } from './self-test-pool.js'
import { changersAmong } from './together.js'

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
  /** Cells that were run under it, alone or together with others: those that ask about it, and its check's own. */
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
  /** Run every mutant alone on every cell, also on those that never ask about it. Default false. */
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
 * then runs the cells under the mutants that they asked about, and compares. A mutant must turn every cell of its check
 * red and change nothing else but the listed collateral. See docs/decisions/0009 and 0021.
 */
export async function runSelfTest(options: SelfTestOptions, ui: SelfTestUi): Promise<SelfTestReport> {
  const started = performance.now()
  const named = CHECKS.flatMap((check) => check.mutants.map((link) => ({ check, link }))).filter(
    ({ link }) =>
      options.mutants === undefined || options.mutants.length === 0 || options.mutants.includes(link.id),
  )
  const concurrency = options.concurrency ?? 2 * availableParallelism()
  await using pool = new SelfTestPool(concurrency)
  options.signal?.addEventListener('abort', () => void pool[Symbol.asyncDispose](), { once: true })
  const work: Work = { pool, concurrency, signal: options.signal, ui }

  const killsOnly = options.killsOnly === true
  const baseline = killsOnly ? [] : await runBaseline(work, named)
  const plan = killsOnly ? planKills(named) : planSelfTest(named, baseline, options.everyCell === true)
  const changes = await runTogether(work, plan.together)
  const mutants = await runAlone(work, plan, changes)
  return {
    killsOnly,
    baseline: baseline.map((cell) => ({
      profile: cell.profile,
      cell: nameOf(cell),
      verdict: cell.verdict,
      message: cell.message,
    })),
    mutants,
    ok:
      baseline.every(({ verdict }) => CONFORMING.has(verdict)) &&
      mutants.every(({ killed, unexpected }) => killed && unexpected.length === 0) &&
      mutants.length > 0,
    durationMs: Math.round(performance.now() - started),
  }
}

interface Work {
  readonly pool: SelfTestPool
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  readonly ui: SelfTestUi
}

const PLANNED = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })

function runBaseline(work: Work, named: readonly NamedMutant[]): Promise<readonly ProfiledCell[]> {
  const profiles = PROFILE_NAMES.filter((profile) => named.some(({ link }) => profileOf(link) === profile))
  work.ui.stage(`running ${PLANNED.length} cells on ${profiles.join(' and ')} without a mutant`)
  const jobs = profiles.flatMap((profile) => PLANNED.map((cell) => ({ profile, cell })))
  // Checks that ask for more time take it.
  jobs.sort((a, b) => (b.cell.check.timeoutMs ?? 0) - (a.cell.check.timeoutMs ?? 0))
  return inParallel(jobs, work.concurrency, async ({ profile, cell: { check, mode } }) => {
    work.signal?.throwIfAborted()
    return { ...(await work.pool.observed({ check: check.id, mode }, profile, [])), profile }
  })
}

/** Only the cells of each mutant's own check: there is no baseline to compare others with. */
function planKills(named: readonly NamedMutant[]): SelfTestPlan {
  const alone = named.map(({ check, link }) => ({
    check,
    link,
    cells: PLANNED.filter((cell) => cell.check.id === check.id).map(({ mode }): ProfiledCell => ({
      check: check.id,
      mode,
      verdict: 'passed',
      message: '',
      asked: [],
      durationMs: 0,
      profile: profileOf(link),
    })),
  }))
  return { alone, together: [] }
}

/** What mutants changed that were not expected to, by mutant and profile. */
type Changes = ReadonlyMap<string, readonly CellVerdict[]>

async function runTogether(work: Work, jobs: SelfTestPlan['together']): Promise<Changes> {
  const changes = new Map<string, CellVerdict[]>()
  if (jobs.length === 0) return changes
  work.ui.stage(`running ${jobs.length} cells under the mutants that they ask about and should withstand`)
  const longestFirst = jobs.toSorted((a, b) => b.cell.durationMs - a.cell.durationMs)
  await inParallel(longestFirst, work.concurrency, async ({ cell, mutants }) => {
    work.signal?.throwIfAborted()
    const { check, mode, profile } = cell
    const changers = await changersAmong(mutants, cell.verdict, (on) =>
      work.pool.observed({ check, mode }, profile, on),
    )
    for (const { mutant, verdict, message } of changers) {
      const key = keyOf(mutant, profile)
      changes.set(key, [...(changes.get(key) ?? []), { check, mode, verdict, message }])
    }
  })
  return changes
}

async function runAlone(
  work: Work,
  { alone, together }: SelfTestPlan,
  changes: Changes,
): Promise<readonly MutantReport[]> {
  work.ui.stage(`running ${countOf(alone.length, 'mutant')} on the cells that they must change`)
  // The longest first, so that none is left over at the end.
  const jobs = alone.toSorted((a, b) => b.cells.length - a.cells.length)
  return inParallel(jobs, work.concurrency, async (job) => {
    work.signal?.throwIfAborted()
    const { link } = job
    const withstanding = together.filter(
      ({ cell, mutants }) => cell.profile === profileOf(link) && mutants.includes(link.id),
    ).length
    const report = await testAlone(
      work.pool,
      job,
      changes.get(keyOf(link.id, profileOf(link))) ?? [],
      withstanding,
    )
    work.ui.mutant(report)
    return report
  })
}

/** @param elsewhere what it changed among the cells that it ran on with others. */
async function testAlone(
  pool: SelfTestPool,
  { check, link, cells }: SelfTestPlan['alone'][number],
  elsewhere: readonly CellVerdict[],
  withstanding: number,
): Promise<MutantReport> {
  const started = performance.now()
  const keys = cells.map(({ check: id, mode }): CellKey => ({ check: id, mode }))
  const verdicts = await pool.verdicts([link.id], profileOf(link), keys)
  const own = verdicts.filter((cell) => cell.check === check.id)
  const changed = verdicts.filter(
    (cell) =>
      cell.check !== check.id &&
      cell.verdict !== cells.find(({ check: id, mode }) => id === cell.check && mode === cell.mode)?.verdict,
  )
  const listed = changed.filter((cell) => isListed(link, cell.check, cell.verdict))
  const describe = (cell: CellVerdict): string => `${nameOf(cell)}: ${cell.verdict}, ${cell.message}`
  return {
    mutant: link.id,
    check: check.id,
    profile: profileOf(link),
    killed: own.length > 0 && own.every(({ verdict }) => RED.has(verdict)),
    collateral: listed.map(describe),
    unexpected: [...changed.filter((cell) => !listed.includes(cell)), ...elsewhere].map(describe),
    cells: verdicts.length + withstanding,
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

function keyOf(mutant: Mutant, profile: ProfileName): string {
  return `${mutant} ${profile}`
}
