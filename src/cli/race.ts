import { join } from 'node:path'
import { readRunInput, resolveContainer } from '../config/options.js'
import { RACE_OPTIONS, resolveRaceOptions, type RaceOptions } from '../config/race-options.js'
import type { RunInput } from '../config/schema.js'
import { parseHttpUrl } from '../config/http-url.js'
import { resolveTargets } from '../config/targets.js'
import type { LaunchSpec } from '../engine/handle.js'
import { HarnessError, quoteUntrusted, UsageError } from '../errors.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import { raceReportSchema, type RaceReport } from '../race/model.js'
import { ensureReportDir } from '../report/report-dir.js'
import { writeWhole } from '../report/write-whole.js'
import { flagsOfRun, type Command, type CommandContext, type Flag } from './command.js'
import { createRaceProgress, type RaceProgress } from './race-progress.js'

const SHARED: readonly string[] = [
  'nextcloud',
  'profile',
  'nextcloudVersion',
  'nextcloudImage',
  'database',
  'app',
  'fresh',
  'alice',
  'server',
  'serverCommand',
  'serverEnv',
  'startupTimeoutMs',
  'reportDir',
  'quiet',
]
/** Starts of a server per cause; each takes seconds of real time. */
const STARTS_OF_SERVER = 3
/** A registration costs six seconds there. */
const TRIALS_ON_REAL = 10
const TRIALS_IN_SIMULATION = 200
/** More at once than that would not fit into a minute. */
const CONCURRENCY_ON_REAL = 10
/** What only the owner of a run may read: it tells how a Nextcloud answers. */
const PRIVATE_MODE = 0o600

/** The registration race laboratory. */
export const raceCommand: Command = {
  name: 'race',
  summary: 'measure why first authorizations fail after a registration, and which remedies help',
  flags: [
    ...RACE_OPTIONS.map(({ flag, type, description, defaultText, meta }): Flag => ({
      name: flag,
      type: type === 'integer' ? 'string' : type,
      description,
      ...(meta.placeholder === undefined ? {} : { placeholder: meta.placeholder }),
      ...(defaultText === undefined ? {} : { defaultText }),
    })),
    { name: 'json', type: 'boolean', description: 'print race.json instead of the tables' },
    ...flagsOfRun(({ key }) => SHARED.includes(key)),
  ],
  examples: [
    ['race', 'nothing wrong, a late client, a late replica: steps and remedies in simulated time'],
    ['race --seed 1 --trials 1000 --cause all', 'every cause; the same seed gives the same numbers'],
    ['race --cause replica-lag --lag uniform:500ms:4s --delay 0..6s', 'a replica that is sometimes later'],
    [
      'race --cause client-lag --remedy discovery-poll --remedy client-read-probe',
      'the wait of a Nextcloud MCP server beside a probe that tells',
    ],
    ['race --remedy ./my-remedy.mjs', 'yours, beside nothing else; see docs/registration-race.md'],
    [
      "race --cause client-lag --server-command 'node {cwd}/my-server.js'",
      'how often your server registers, and whether its first session works',
    ],
    [
      'race --nextcloud http://localhost:8080 --budget 40',
      'one that runs, as it is: at most 40 registrations, ten a minute, all deleted again',
    ],
  ],
  async run(context) {
    const { flags, env, io } = context
    const options = await resolveRaceOptions(flags, io.cwd)
    const input = await readRunInput({ flags, env, cwd: io.cwd })
    const reportDir = await ensureReportDir(input.reportDir, io.cwd)
    const progress = createRaceProgress(io.stderr, { quiet: input.quiet, env })
    const spec = serverOf(context, input)
    const report = await measure(context, options, input, progress)
      .then((measured) => withServer(context, options, input, { spec, measured, progress }))
      .finally(() => progress.clear())
    const files = await writeRaceReport(reportDir, report)
    await print(context, report, input.quiet)
    if (!input.quiet) io.stderr.write(`${input.reportDir}: ${files.join(', ')}\n`)
    return 0
  },
}

async function measure(
  context: CommandContext,
  options: RaceOptions,
  input: RunInput,
  progress: RaceProgress,
): Promise<RaceReport> {
  const { io } = context
  const { runLaboratory } = await import('../race/laboratory.js')
  const { causes, remedies, seed, concurrency, delaysMs, lag, lagText } = options
  const shared = {
    remedies,
    seed,
    concurrency,
    delaysMs,
    lag,
    lagText,
    signal: io.signal,
    onProgress: progress.update,
  }
  if (input.nextcloud === 'embedded') {
    refuseOptionsOfReal(options)
    return runLaboratory({
      ...shared,
      place: { kind: 'simulated', profile: input.profile },
      causes,
      trials: options.trials ?? TRIALS_IN_SIMULATION,
    })
  }
  refuseCausesOnReal(options)
  refuseSmallBudget(options)
  const nextcloud = await realNextcloud(context, input)
  try {
    const { openRealWorld } = await import('../race/real-world.js')
    return await runLaboratory({
      ...shared,
      place: {
        kind: 'real',
        nextcloud: { kind: nextcloud.kind, url: nextcloud.baseUrl },
        openWorld: () =>
          openRealWorld({
            nextcloud,
            signal: io.signal,
            concurrency,
            keepClients: options.keepClients,
            // A container of ours has the limit off.
            paced: nextcloud.kind === 'attached',
            onPause: progress.pause,
            ...(options.budget === undefined ? {} : { budget: options.budget }),
          }),
      },
      causes: ['none'],
      trials: options.trials ?? TRIALS_ON_REAL,
    })
  } finally {
    await nextcloud.stop()
  }
}

/** The server that is measured from the outside, if one was asked for. */
function serverOf({ flags, env, io }: CommandContext, input: RunInput): LaunchSpec | undefined {
  if (input.serverCommand.length === 0 && flags['server'] === undefined) return undefined
  if (input.nextcloud !== 'embedded') {
    throw new UsageError(
      'NCMC_USAGE',
      '--server and --server-command are measured on the embedded Nextcloud: leave out --nextcloud',
    )
  }
  const target = resolveTargets({ ...input, mode: 'oauth' }, env, io.cwd).oauth
  return target === undefined || target.kind === 'url' ? undefined : target
}

async function withServer(
  { io }: CommandContext,
  options: RaceOptions,
  input: RunInput,
  { spec, measured, progress }: ServerPart,
): Promise<RaceReport> {
  if (spec === undefined) return measured
  const { measureServer } = await import('../race/server-behaviour.js')
  const server = await measureServer({
    spec,
    causes: options.causes,
    starts: STARTS_OF_SERVER,
    lag: options.lag,
    profile: input.profile,
    seed: options.seed,
    startupTimeoutMs: input.startupTimeoutMs,
    signal: io.signal,
    onProgress: ({ cause, done, total }) => progress.update({ cause, done, total, what: 'start' }),
  })
  return { ...measured, server: [...server], durationMs: Date.now() - Date.parse(measured.startedAt) }
}

interface ServerPart {
  readonly spec: LaunchSpec | undefined
  readonly measured: RaceReport
  readonly progress: RaceProgress
}

function refuseOptionsOfReal({ budget, keepClients }: RaceOptions): void {
  const flag = budget !== undefined ? '--budget' : keepClients ? '--keep-clients' : undefined
  if (flag === undefined) return
  throw new UsageError('NCMC_USAGE', `${flag} is for a Nextcloud that runs: add --nextcloud <url>`)
}

function refuseCausesOnReal({ choosesCauses, causes, concurrency }: RaceOptions): void {
  if (choosesCauses && causes.some((cause) => cause !== 'none')) {
    throw new UsageError(
      'NCMC_USAGE',
      '--cause can only be set on the embedded Nextcloud; one that runs is measured as it is: leave out --cause',
    )
  }
  if (concurrency > CONCURRENCY_ON_REAL) {
    throw new UsageError(
      'NCMC_USAGE',
      `--concurrency must be at most ${CONCURRENCY_ON_REAL} on a Nextcloud that runs: it allows ten registrations a minute`,
    )
  }
}

function refuseSmallBudget({ budget, concurrency, remedies }: RaceOptions): void {
  const registering = remedies.filter(({ keepsClient }) => keepsClient !== true).length
  const kept = registering < remedies.length ? 1 : 0
  const least = (1 + registering) * concurrency + kept
  if (budget === undefined || budget >= least) return
  throw new UsageError(
    'NCMC_USAGE',
    `--budget must be at least ${least}, not ${budget}: one trial of the steps and of these remedies takes so many registrations`,
  )
}

async function realNextcloud({ io }: CommandContext, input: RunInput): Promise<Nextcloud> {
  if (input.nextcloud === 'container') {
    const { startContainerNextcloud } = await import('../nextcloud/container/index.js')
    return startContainerNextcloud({
      ...resolveContainer(input),
      stage: (text) => void io.stderr.write(`${text}\n`),
      signal: io.signal,
    })
  }
  const url = parseHttpUrl(input.nextcloud, '--nextcloud')
  const { alice: userId, alicePassword: password } = input
  if (password === undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `NCMC_ALICE_PASSWORD is not set; set it to the password of ${quoteUntrusted(userId)} on that Nextcloud`,
    )
  }
  const { attachNextcloud } = await import('../nextcloud/attached.js')
  const alice = { userId, password, displayName: userId, email: '' }
  return attachNextcloud({ url, users: { alice, bob: alice } })
}

/** @returns the names of the files. */
async function writeRaceReport(reportDir: string, report: RaceReport): Promise<readonly string[]> {
  const parsed = raceReportSchema.safeParse(report)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new HarnessError(
      'NCMC_INTERNAL',
      `race.json does not follow its schema at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    )
  }
  const { htmlPage, raceSvg } = await import('../race/output/index.js')
  const files = [
    ['race.json', `${JSON.stringify(parsed.data, null, 2)}\n`],
    ['race.html', await htmlPage(report)],
    ['race.svg', await raceSvg(report)],
  ] as const
  try {
    for (const [name, content] of files) await writeWhole(join(reportDir, name), content, PRIVATE_MODE)
  } catch (cause) {
    throw new UsageError(
      'NCMC_REPORT_DIR',
      '--report-dir: the reports could not be written; name another folder',
      { cause },
    )
  }
  return files.map(([name]) => name)
}

async function print({ flags, env, io }: CommandContext, report: RaceReport, quiet: boolean): Promise<void> {
  if (flags['json'] === true) io.stdout.write(`${JSON.stringify(report)}\n`)
  else if (!quiet) {
    const { consoleTable } = await import('../race/output/index.js')
    const { colorsOf } = await import('../report/console.js')
    const color = colorsOf(io.stdout, env).isColorSupported
    io.stdout.write(consoleTable(report, { width: io.stdout.columns ?? 100, color }))
  }
  const { clientsLeft } = report.spent
  if (clientsLeft > 0) {
    io.stderr.write(`clients that are left on the Nextcloud: ${clientsLeft}; they end with their life\n`)
  }
}
