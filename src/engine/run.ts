import { spawn, type ChildProcess } from 'node:child_process'
import { CHECKS } from '../catalogue/index.js'
import { HarnessError } from '../errors.js'
import { packageFile, packageVersion } from '../package-root.js'
import { countVerdicts, type Result, type RunReport } from '../report/model.js'
import { countOf } from '../report/text.js'
import type { RunUi } from '../report/ui.js'
import type { Mode } from '../servers/server.js'
import { applyBaseline, markedEarly } from './baseline.js'
import { exitCodeOf } from './exit-code.js'
import { playwrightCommand } from './playwright-reports.js'
import { planCells, shardOf, type Cell } from './plan.js'
import { prepareRun, type PreparedRun, type RunSettings } from './prepare.js'
import { isCellMessage, RUN_HANDLE_VARIABLE, type CellMessage } from './worker-protocol.js'

const STOP_GRACE_MS = 5_000

export interface RunOutcome {
  readonly report: RunReport
  /** PNG files that the report names, by file name. */
  readonly screenshots: ReadonlyMap<string, Uint8Array>
}

export interface RunEnvironment {
  readonly ui: RunUi
  /** Processes that run cells at the same time. */
  readonly workers: number
  /** Folder for Playwright's own report; absent = none is written. */
  readonly playwrightReportDir?: string
  /** File from which Playwright can merge its report with those of other shards; absent = none is written. */
  readonly playwrightBlobFile?: string
  /** Aborting stops the run and everything that it started. */
  readonly signal?: AbortSignal
}

/**
 * A whole conformance run: starts the stack, mints tokens, runs the planned cells on Playwright Test, and
 * returns the report. Whatever happens, nothing that it started is left running.
 *
 * @throws {HarnessError} `NCMC_NOTHING_RAN` when no cell is planned; otherwise as the parts do.
 */
export async function runConformance(
  settings: RunSettings,
  environment: RunEnvironment,
): Promise<RunOutcome> {
  const started = Date.now()
  const plan = planCells(CHECKS, { ...settings, modes: Object.keys(settings.targets) as Mode[] })
  if (plan.length === 0) {
    throw new HarnessError(
      'NCMC_NOTHING_RAN',
      'no check is selected: --suite, --check and --mode exclude each other',
    )
  }
  const cells = shardOf(plan, settings.shard)
  const shard = settings.shard && { ...settings.shard, plannedCells: plan.length }
  if (shard !== undefined && cells.length === 0) {
    environment.ui.stage(
      `shard ${shard.index} of ${shard.total} is empty: the run has ${countOf(plan.length, 'cell')}; nothing is started`,
    )
    return { report: emptyShardReport(settings, shard, started), screenshots: new Map() }
  }
  environment.ui.planned(cells.map(({ check, mode }) => ({ check: check.id, suite: check.suite, mode })))
  await using run = await prepareRun(settings, environment.ui, environment.signal)
  environment.signal?.throwIfAborted()
  environment.ui.stage(
    `running ${cells.length} checks${shard === undefined ? '' : `, shard ${shard.index} of ${shard.total}`}`,
  )
  const day = new Date(started).toISOString().slice(0, 10)
  const messages = await runOnPlaywright(run, environment, (result) => {
    environment.ui.result(markedEarly(result, settings.baseline, day))
  })
  const targets = await run.describeTargets()
  const logs = await run.logs()
  const report = assembleReport({
    settings,
    run,
    cells,
    shard,
    messages,
    targets,
    logs,
    startedAtMs: started,
  })
  const screenshots = new Map(run.screenshots)
  for (const message of messages) {
    for (const [file, base64] of Object.entries(message.screenshots))
      screenshots.set(file, Buffer.from(base64, 'base64'))
  }
  return { report, screenshots }
}

async function runOnPlaywright(
  run: PreparedRun,
  environment: RunEnvironment,
  onResult: (result: Result) => void,
): Promise<readonly CellMessage[]> {
  const { playwrightReportDir: reportDir, playwrightBlobFile: blobFile } = environment
  const child = spawn(
    process.execPath,
    [
      playwrightCommand(),
      'test',
      '--config',
      packageFile('dist/playwright.config.js'),
      '--workers',
      String(environment.workers),
    ],
    {
      // stdin closes when we die, however we die: the runner then stops too.
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        [RUN_HANDLE_VARIABLE]: JSON.stringify(run.handle),
        PLAYWRIGHT_HTML_OPEN: 'never',
        ...(reportDir === undefined ? {} : { NCMC_PLAYWRIGHT_REPORT_DIR: reportDir }),
        ...(blobFile === undefined ? {} : { NCMC_PLAYWRIGHT_BLOB_FILE: blobFile }),
      },
    },
  )
  const messages: CellMessage[] = []
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000)
    })
  }
  child.on('message', (message: unknown) => {
    if (!isCellMessage(message)) return
    messages.push(message)
    onResult(message.result)
  })
  const exitCode = await whenEnded(child, environment.signal)
  environment.signal?.throwIfAborted()
  if (messages.length === 0) {
    throw new HarnessError(
      'NCMC_NOTHING_RAN',
      `Playwright Test ran nothing (exit code ${exitCode ?? 'none'})`,
      {
        details: { output: run.redactor.text(output) },
      },
    )
  }
  return messages
}

async function whenEnded(child: ChildProcess, signal: AbortSignal | undefined): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    child.kill('SIGINT')
    timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    clearTimeout(timer)
  }
}

interface ReportInput {
  readonly settings: RunSettings
  readonly run: PreparedRun
  readonly cells: readonly Cell[]
  readonly shard: RunReport['shard']
  readonly messages: readonly CellMessage[]
  readonly targets: RunReport['targets']
  readonly logs: NonNullable<RunReport['logs']>
  readonly startedAtMs: number
}

function assembleReport({ settings, run, cells, messages, targets, logs, ...input }: ReportInput): RunReport {
  const results = cells.map((cell) => resultOf(cell, messages))
  const { nextcloud } = run.stack
  const unjudged: RunReport = {
    ...reportHead(input.startedAtMs, input.shard),
    nextcloud: {
      kind: nextcloud.kind,
      profile: settings.profile,
      url: nextcloud.baseUrl,
      version: run.info.version,
      apps: { ...run.info.apps },
    },
    userAgent: { kind: settings.userAgent, version: run.userAgentVersion },
    mutants: [...settings.mutants],
    targets,
    tokens: run.tokens,
    ...(logs.length === 0 ? {} : { logs }),
    results,
    staleDeviations: messages.flatMap((message) => message.staleDeviations),
    summary: countVerdicts(results),
  }
  const report = applyBaseline(unjudged, settings.baseline, CHECKS)
  return { ...report, exitCode: exitCodeOf(report) }
}

function reportHead(startedAtMs: number, shard: RunReport['shard']) {
  return {
    schemaVersion: 1 as const,
    tool: { name: 'nc-mcp-conformance' as const, version: packageVersion() },
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
    exitCode: 0,
    ...(shard === undefined ? {} : { shard }),
  }
}

/** The report of a shard to which no cell fell: nothing was started, so nothing is known of the Nextcloud. */
function emptyShardReport(
  { nextcloud, profile, userAgent, mutants, baseline }: RunSettings,
  shard: NonNullable<RunReport['shard']>,
  startedAtMs: number,
): RunReport {
  const kind = nextcloud === 'embedded' ? 'embedded' : 'url' in nextcloud ? 'attached' : 'container'
  const report: RunReport = {
    ...reportHead(startedAtMs, shard),
    nextcloud: { kind, profile, url: '', version: 'not started', apps: {} },
    userAgent: { kind: userAgent, version: 'not used' },
    mutants: [...mutants],
    targets: [],
    tokens: [],
    results: [],
    staleDeviations: [],
    summary: countVerdicts([]),
  }
  return applyBaseline(report, baseline, CHECKS)
}

/** A planned cell without a result is our failure: it must not look as if it had not been planned. */
function resultOf({ check, mode }: Cell, messages: readonly CellMessage[]): Result {
  const message = messages.find(({ result }) => result.check === check.id && result.mode === mode)
  if (message !== undefined) return message.result
  return {
    check: check.id,
    suite: check.suite,
    mode,
    verdict: 'error',
    level: check.level,
    projectRule: check.source.every((ref) => ref.document === 'project'),
    title: check.title,
    source: [],
    message: 'the test runner returned no result for this check',
    findings: [],
    evidence: [],
    durationMs: 0,
  }
}
