import { availableParallelism } from 'node:os'
import type { Check, Mutant, MutantLink } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import { PROFILE_NAMES, type ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import type { CellVerdict } from './catalogue-verdicts.js'
import { inParallel } from './in-parallel.js'
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
  /** Mutants at the same time. Default: one more than there are cores, as each waits now and then. */
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
  const concurrency = options.concurrency ?? availableParallelism() + 1
  await using pool = new SelfTestPool(concurrency)
  options.signal?.addEventListener('abort', () => void pool[Symbol.asyncDispose](), { once: true })
  const profiles = PROFILE_NAMES.filter((profile) => links.some(({ link }) => profileOf(link) === profile))
  ui.stage(`running the catalogue on ${profiles.join(' and ')} without a mutant`)
  const baselines = new Map(
    await Promise.all(profiles.map(async (profile) => [profile, await pool.verdicts([], profile)] as const)),
  )
  ui.stage(`running ${links.length} mutants`)
  const mutants = await inParallel(links, concurrency, async ({ check, link }) => {
    options.signal?.throwIfAborted()
    const report = await testMutant(pool, check, link, baselines.get(profileOf(link)) ?? [])
    ui.mutant(report)
    return report
  })
  const baseline = [...baselines].flatMap(([profile, verdicts]) =>
    verdicts.map((cell) => ({ profile, cell: nameOf(cell), verdict: cell.verdict, message: cell.message })),
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

async function testMutant(
  pool: SelfTestPool,
  check: Check,
  link: MutantLink,
  baseline: readonly CellVerdict[],
): Promise<MutantReport> {
  const started = performance.now()
  const verdicts = await pool.verdicts([link.id], profileOf(link))
  const own = verdicts.filter((cell) => cell.check === check.id)
  const changed = verdicts.filter(
    (cell) =>
      cell.check !== check.id &&
      cell.verdict !==
        baseline.find(({ check: id, mode }) => id === cell.check && mode === cell.mode)?.verdict,
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
    durationMs: Math.round(performance.now() - started),
  }
}

/** Listed collateral may also be absent where the check's own timing hides it; red ones must be listed as red. */
function isListed(link: MutantLink, check: string, verdict: Verdict): boolean {
  if (RED.has(verdict)) return link.alsoRed?.includes(check) === true
  if (verdict !== 'not-testable') return false
  return link.alsoNotTestable === '*' || link.alsoNotTestable?.includes(check) === true
}

function nameOf({ check, mode }: CellVerdict): string {
  return `${check} [${mode}]`
}

function profileOf(link: MutantLink): ProfileName {
  return link.profile ?? DEFAULT_PROFILE
}
