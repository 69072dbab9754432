import { CHECKS } from '../catalogue/index.js'
import { UsageError, quoteUntrusted } from '../errors.js'
import { countVerdicts, type Evidence, type RunReport } from '../report/model.js'
import type { ReadReport } from '../report/read.js'
import { countOf } from '../report/text.js'
import { applyBaseline, type NamedBaseline } from './baseline.js'
import { exitCodeOf } from './exit-code.js'
import { placeInPlan, shardSize } from './plan.js'
import { differingFact, type ShardReport } from './same-run.js'

export interface MergeOptions {
  /** Go on without some shards; the report says so. */
  readonly allowMissing: boolean
}

/** A picture that the merged report names. */
export interface MergedPicture {
  /** Absolute path of the folder of its shard's report. */
  readonly folder: string
  /** Its name there. */
  readonly from: string
  /** Its name in the merged report: no other shard's has the same. */
  readonly to: string
}

export interface MergedReport {
  readonly report: RunReport
  readonly pictures: readonly MergedPicture[]
}

/** A report that was checked to be that of a shard. */
type Part = Omit<ReadReport, 'report'> & { readonly report: ShardReport }

/**
 * Makes one report of those of a run's shards: verdicts in the order of the whole plan, sums and exit code as those
 * of one run.
 *
 * @throws {UsageError} `NCMC_REPORT` when the reports are not of one run, or not all of it.
 */
export function mergeReports(reports: readonly ReadReport[], options: MergeOptions): MergedReport {
  const parts = reports.map(asPart).toSorted((a, b) => a.report.shard.index - b.report.shard.index)
  const [first] = parts
  if (first === undefined) throw refusal('there is no report to merge')
  for (const part of parts.slice(1)) refuseOtherRun(first, part)
  refuseOverlap(parts)
  parts.forEach(refuseWrongSize)
  const missing = missingShards(parts)
  if (missing.length > 0 && !options.allowMissing) {
    throw refusal(
      `shard ${missing.join(', ')} of ${first.report.shard.total} is missing; name its report too, or let it be missing with --allow-missing`,
    )
  }
  const pictures: MergedPicture[] = []
  return { report: assemble(first, parts, missing, pictures), pictures }
}

function assemble(
  first: Part,
  parts: readonly Part[],
  missing: readonly number[],
  pictures: MergedPicture[],
): RunReport {
  // An empty shard started nothing: what it says of the Nextcloud and the servers is no observation.
  const { shard, baseline, ...lead } = (parts.find(({ report }) => report.results.length > 0) ?? first).report
  const starts = parts.map(({ report }) => Date.parse(report.startedAt))
  const ends = parts.map(({ report }) => Date.parse(report.startedAt) + report.durationMs)
  const results = parts
    .flatMap((part) =>
      part.report.results.map((result, at) => ({
        place: placeInPlan(part.report.shard, at),
        result: { ...result, evidence: renamed(result.evidence, part, pictures) },
      })),
    )
    .toSorted((a, b) => a.place - b.place)
    .map(({ result }) => result)
  const logs = parts.flatMap(
    ({
      report: {
        logs: own = [],
        shard: { index },
      },
    }) => own.map((log) => ({ ...log, shard: index })),
  )
  const unjudged: RunReport = {
    ...lead,
    startedAt: new Date(Math.min(...starts)).toISOString(),
    durationMs: Math.max(...ends) - Math.min(...starts),
    merged: { total: shard.total, missing: [...missing] },
    userAgent: { ...lead.userAgent, version: userAgentVersions(parts) },
    tokens: parts.flatMap((part) =>
      part.report.tokens.map((token) => ({
        ...token,
        evidence: renamed(token.evidence, part, pictures),
        shard: part.report.shard.index,
      })),
    ),
    ...(logs.length === 0 ? {} : { logs }),
    results,
    staleDeviations: parts.flatMap((part) => part.report.staleDeviations),
    summary: countVerdicts(results),
  }
  const report = applyBaseline(unjudged, asGiven(baseline), CHECKS)
  return { ...report, exitCode: exitCodeOf(report) }
}

/** A baseline without what the shard made of it: only the whole run tells. */
function asGiven(baseline: RunReport['baseline']): NamedBaseline | undefined {
  return (
    baseline && {
      file: baseline.file,
      rows: baseline.rows.map(({ state: _, observed: __, problem: ___, ...row }) => row),
    }
  )
}

/** Browsers of the machines may differ; each is named. */
function userAgentVersions(parts: readonly Part[]): string {
  const versions = new Set(parts.map(({ report }) => report.userAgent.version))
  if (versions.size > 1) versions.delete('not used')
  return [...versions].join(', ')
}

/** Evidence whose pictures have names that no other shard's have. */
function renamed(evidence: readonly Evidence[], part: Part, pictures: MergedPicture[]): Evidence[] {
  return evidence.map((item) => {
    if (item.kind !== 'screenshot') return item
    const to = `shard-${part.report.shard.index}-${item.file}`
    pictures.push({ folder: part.folder, from: item.file, to })
    return { ...item, file: to }
  })
}

function asPart(read: ReadReport): Part {
  const { report } = read
  if (report.shard === undefined) {
    throw refusal(
      `${read.file} is ${report.merged === undefined ? 'of a whole run' : 'merged already'}, not of a shard; merge takes reports of \`run --shard\``,
    )
  }
  return { ...read, report: { ...report, shard: report.shard } }
}

function refuseOtherRun(first: Part, other: Part): void {
  const fact = differingFact(first.report, other.report)
  if (fact === undefined) return
  const [a, b] = fact.values.map((value) => quoteUntrusted(value, 200))
  throw refusal(
    `${first.file} and ${other.file} are not of one run: ${fact.name} differs, ${a ?? ''} and ${b ?? ''}; merge the shards of one run only`,
  )
}

function refuseOverlap(parts: readonly Part[]): void {
  const owners = new Map<string, Part>()
  for (const part of parts) {
    const { index, total } = part.report.shard
    const keys = part.report.results.map(({ check, mode }) => `${check} [${mode}]`)
    for (const key of [`shard ${index} of ${total}`, ...keys]) {
      const owner = owners.get(key)
      if (owner !== undefined)
        throw refusal(
          `${owner.file} and ${part.file} both hold ${quoteUntrusted(key, 120)}; name each shard once`,
        )
      owners.set(key, part)
    }
  }
}

function refuseWrongSize({ file, report: { shard, results } }: Part): void {
  const size = shardSize(shard.plannedCells, shard)
  if (shard.index > shard.total || results.length !== size)
    throw refusal(
      `${file} holds ${countOf(results.length, 'cell')}, but shard ${shard.index} of ${shard.total} of ${countOf(shard.plannedCells, 'cell')} has ${size}; run this shard again`,
    )
}

function missingShards(parts: readonly Part[]): readonly number[] {
  const present = new Set(parts.map(({ report }) => report.shard.index))
  const total = parts[0]?.report.shard.total ?? 0
  return Array.from({ length: total }, (_, at) => at + 1).filter((index) => !present.has(index))
}

function refusal(message: string): UsageError {
  return new UsageError('NCMC_REPORT', message)
}
