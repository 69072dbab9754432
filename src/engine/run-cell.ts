import { NotTestableError, type Check, type Outcome } from '../catalogue/check.js'
import { KNOWN_DEVIATIONS, type KnownDeviation } from '../catalogue/deviations.js'
import { KNOWN_LIMITS } from '../catalogue/limits.js'
import { clauseLabel, clauseUrl } from '../catalogue/specs.js'
import { HarnessError, type ErrorCode } from '../errors.js'
import type { Redactor } from '../evidence/redactor.js'
import { McpConnectError } from '../mcp/client.js'
import type { Result } from '../report/model.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { createCellContext } from './check-context.js'
import type { RunHandle } from './handle.js'
import { missingNeed } from './needs.js'
import type { Cell } from './plan.js'
import { judgeOutcome, type Judgement } from './verdict.js'

const DEFAULT_TIMEOUT_MS = 30_000

export interface CellResult {
  readonly result: Result
  /** PNG files that the evidence names. */
  readonly screenshots: ReadonlyMap<string, Uint8Array>
  readonly staleDeviations: readonly { check: string; finding: string; profile: string }[]
}

export interface RunCellOptions {
  /** A user agent of the run's kind that several cells use: a browser takes a second to start. */
  readonly userAgent?: () => Promise<UserAgent>
  /** Called when the check uses a server or a token that other cells use too. */
  readonly onSharedUse?: () => void
  /** Stretches the bound of each cell, for machines that do much else at the same time. Default 1. */
  readonly timeoutFactor?: number
}

/**
 * Runs one cell: the only caller of `check.run`. Never throws: a crash of the check is the verdict `error`, a
 * missing prerequisite `not-testable`.
 */
export async function runCell(
  cell: Cell,
  handle: RunHandle,
  redactor: Redactor,
  options: RunCellOptions = {},
): Promise<CellResult> {
  const { check, mode } = cell
  const started = performance.now()
  const { ctx, recorder, cleanUp } = createCellContext(check, mode, handle, redactor, options)
  const lack = missingNeed(check, mode, handle)
  let judgement: Judgement
  try {
    const outcome: Outcome =
      limit(check, handle) ??
      (lack === undefined ? undefined : { kind: 'not-testable', reason: lack }) ??
      (await withinTime(
        check.run(ctx),
        (check.timeoutMs ?? DEFAULT_TIMEOUT_MS) * (options.timeoutFactor ?? 1),
      ))
    judgement = judgeOutcome(check, outcome, deviationsOf(check.id, handle))
  } catch (error) {
    judgement = judgeCrash(error)
  }
  const failures = await cleanUp()
  if (failures.length > 0) {
    judgement = { ...judgeCrash(failures[0]), message: `clean-up failed: ${describe(failures[0])}` }
  }
  return {
    result: {
      check: check.id,
      suite: check.suite,
      mode,
      verdict: judgement.verdict,
      level: check.level,
      projectRule: check.source.every((ref) => ref.document === 'project'),
      title: check.title,
      source: check.source.map((ref) => ({ label: clauseLabel(ref), url: clauseUrl(ref) })),
      ...(check.covers === undefined ? {} : { covers: [...check.covers] }),
      ...(lack !== undefined && judgement.verdict === 'not-testable' ? { outOfReach: true as const } : {}),
      message: redactor.text(judgement.message),
      findings: redactor.value(judgement.findings) as Result['findings'],
      ...(judgement.observed === undefined ? {} : { observed: redactor.value(judgement.observed) }),
      evidence: await recorder.evidence(),
      durationMs: Math.round(performance.now() - started),
    },
    screenshots: recorder.screenshots,
    staleDeviations: judgement.stale.map((row) => ({
      check: row.check,
      finding: row.finding,
      profile: handle.nextcloud.profile,
    })),
  }
}

/** What the Nextcloud of this profile never does. */
function limit(check: Check, handle: RunHandle): Outcome | undefined {
  const known = KNOWN_LIMITS.find(
    (row) => row.check === check.id && row.profiles.includes(handle.nextcloud.profile),
  )
  return known === undefined ? undefined : { kind: 'not-applicable', reason: known.reason }
}

function deviationsOf(check: string, handle: RunHandle): readonly KnownDeviation[] {
  return KNOWN_DEVIATIONS.filter(
    (row) =>
      row.check === check &&
      row.profiles.includes(handle.nextcloud.profile) &&
      (row.userAgent === undefined || row.userAgent === handle.userAgent),
  )
}

/** What a target did to a step that a check builds on: its prerequisite broke, which is no crash of ours. */
const BROKEN_PREREQUISITES = new Set<ErrorCode>([
  'NCMC_OAUTH_REQUEST',
  'NCMC_FLOW_FAILED',
  'NCMC_FLOW_TIMEOUT',
  'NCMC_LOGIN_FAILED',
  'NCMC_SERVER_START',
  'NCMC_SERVER_UNREACHABLE',
  'NCMC_NEXTCLOUD_UNREACHABLE',
])

function judgeCrash(error: unknown): Judgement {
  const isPrerequisite =
    error instanceof NotTestableError ||
    error instanceof McpConnectError ||
    isLostConnection(error) ||
    (error instanceof HarnessError && BROKEN_PREREQUISITES.has(error.code))
  const verdict = isPrerequisite ? 'not-testable' : 'error'
  const where = error instanceof Error && verdict === 'error' ? ` (${firstFrame(error)})` : ''
  return { verdict, message: `${describe(error)}${where}`, findings: [], stale: [] }
}

/** The target did not answer: what `fetch` throws for a refused, reset or too slow connection. */
function isLostConnection(error: unknown): boolean {
  if (error instanceof TypeError) return error.message === 'fetch failed' || error.message === 'terminated'
  return error instanceof DOMException && error.name === 'TimeoutError'
}

function describe(error: unknown): string {
  const parts: string[] = []
  for (let current = error; current instanceof Error && parts.length < 4; current = current.cause) {
    if (!parts.includes(current.message)) parts.push(current.message)
  }
  return parts.length > 0 ? parts.join(': ') : String(error)
}

/** Where in the toolkit it happened: file name and line, no folders. */
function firstFrame(error: Error): string {
  return /[\w.-]+\.[jt]s:\d+/.exec(error.stack ?? '')?.[0] ?? 'no stack'
}

async function withinTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NotTestableError(`the check did not end within ${timeoutMs} ms`))
    }, timeoutMs)
  })
  return Promise.race([promise, timeout]).finally(() => {
    clearTimeout(timer)
  })
}
