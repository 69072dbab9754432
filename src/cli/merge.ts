import { existsSync } from 'node:fs'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { configFileName, readRunInput, reportersOf } from '../config/options.js'
import { mergeReports, type MergedPicture } from '../engine/merge.js'
import { PLAYWRIGHT_BLOB } from '../engine/playwright-reports.js'
import { UsageError } from '../errors.js'
import { createConsole } from '../report/console.js'
import { readReport, type ReadReport } from '../report/read.js'
import { ensureReportDir } from '../report/report-dir.js'
import { countOf, oneLine, partText } from '../report/text.js'
import { SCREENSHOT, writeReports } from '../report/write.js'
import { flagsOfRun, positionalTexts, type Command } from './command.js'
import { exitCodeOfEnding } from './exit-code.js'
import { reportToGithub, withoutCommands } from './github-actions.js'
import type { CliIo } from './io.js'
import { projectOf } from './project.js'
import type { Services } from './services.js'

const SHARED = ['reportDir', 'reporter', 'quiet']

/** Makes one report of those of a run's shards. */
export const mergeCommand: Command = {
  name: 'merge',
  summary: 'combine the reports of the shards of one run; the exit code is that of the whole run',
  positional: {
    name: 'reports',
    usage: '<report…>',
    description: 'report.json of every shard, or the folders that hold them',
    min: 1,
  },
  flags: [
    {
      name: 'allow-missing',
      type: 'boolean',
      description: 'go on without the shards that are not named; the report says so',
    },
    ...flagsOfRun(({ key }) => SHARED.includes(key)),
  ],
  examples: [
    ['merge shard-1 shard-2 --report-dir merged', 'after `run --shard 1/2 --report-dir shard-1` and 2/2'],
    ['merge shards/*/report.json --allow-missing', 'what there is, when a machine was lost'],
  ],
  async run({ flags, env, io, services }) {
    const sources = { flags, env, cwd: io.cwd }
    const input = await readRunInput(sources)
    const reports: ReadReport[] = []
    for (const path of positionalTexts(flags, 'reports')) reports.push(await readReport(path, io.cwd))
    const { report, pictures } = mergeReports(reports, { allowMissing: flags['allow-missing'] === true })
    const reportDir = await ensureReportDir(input.reportDir, io.cwd)
    await refuseSource(reportDir, input.reportDir, reports)
    const reporters = reportersOf(input, env)
    const ui = createConsole(io.stdout, { quiet: input.quiet, env })
    await withoutCommands(env, io, async () => {
      ui.stage(`${partText(report) ?? ''}: ${countOf(report.results.length, 'cell')}`)
      const screenshots = await readPictures(pictures)
      if (screenshots.size < pictures.length) {
        io.stderr.write(
          `${countOf(pictures.length - screenshots.size, 'picture')} of ${pictures.length} could not be read beside the reports: name whole report folders to have them\n`,
        )
      }
      const files = await writeReports(reportDir, report, screenshots, {
        reporters,
        project: projectOf(configFileName(sources), env, io.cwd),
      })
      const hasPlaywright = await mergeOfPlaywright(reports, join(reportDir, 'playwright'), io, services)
      ui.finish(report, {
        folder: input.reportDir,
        files: [...files, ...(hasPlaywright ? ['playwright/'] : [])],
      })
    })
    if (reporters.includes('github')) await reportToGithub(report, env, io)
    return exitCodeOfEnding({ kind: 'report', report })
  },
}

/**
 * Playwright's own report, where every shard left its part. It repeats what is in ours, so a merge does not fail for it.
 *
 * @returns whether there is one.
 */
async function mergeOfPlaywright(
  reports: readonly ReadReport[],
  folder: string,
  io: CliIo,
  services: Services,
): Promise<boolean> {
  // A report that was there before is not that of this run.
  await rm(folder, { recursive: true, force: true })
  // An empty shard ran nothing.
  const sources = reports.filter(({ report }) => report.results.length > 0)
  const blobs = sources.map((source) => join(source.folder, PLAYWRIGHT_BLOB))
  const present = blobs.filter((blob) => existsSync(blob))
  if (present.length === 0) return false
  if (present.length < blobs.length) {
    io.stderr.write(`Playwright's own report is left out: ${PLAYWRIGHT_BLOB} is not beside every report\n`)
    return false
  }
  try {
    await services.mergePlaywrightReports(blobs, folder, io.signal)
    return true
  } catch (error) {
    io.signal.throwIfAborted()
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    io.stderr.write(`Playwright's own report is left out: ${oneLine(line)}\n`)
    return false
  }
}

/** A shard's report that is written over could not be merged a second time. */
async function refuseSource(reportDir: string, name: string, reports: readonly ReadReport[]): Promise<void> {
  const target = await realpath(reportDir)
  for (const { file, folder } of reports) {
    if ((await realpath(folder)) !== target) continue
    throw new UsageError(
      'NCMC_REPORT_DIR',
      `--report-dir: ${oneLine(name)} is the folder of ${oneLine(file)}, which would be replaced; name another folder`,
    )
  }
}

/** The pictures that are there, by their new names. A name that is none of ours is not followed. */
async function readPictures(pictures: readonly MergedPicture[]): Promise<Map<string, Uint8Array>> {
  const read = await Promise.all(
    pictures.map(async ({ folder, from, to }) => {
      const png = SCREENSHOT.test(from)
        ? await readFile(join(folder, from)).catch(() => undefined)
        : undefined
      return [to, png] as const
    }),
  )
  return new Map(read.flatMap(([to, png]) => (png === undefined ? [] : [[to, png] as const])))
}
