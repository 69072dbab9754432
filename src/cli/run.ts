import { join } from 'node:path'
import { resolveRunOptions } from '../config/options.js'
import { PLAYWRIGHT_BLOB } from '../engine/playwright-reports.js'
import { createConsole } from '../report/console.js'
import { ensureReportDir } from '../report/report-dir.js'
import { writeReports } from '../report/write.js'
import { flagsOfRun, type Command } from './command.js'
import { exitCodeOfEnding } from './exit-code.js'
import { reportToGithub, withoutCommands } from './github-actions.js'
import { projectOf } from './project.js'

/** Judges MCP servers and writes the reports. */
export const runCommand: Command = {
  name: 'run',
  isDefault: true,
  summary: 'judge MCP servers in front of a Nextcloud, with real tokens, and write reports',
  flags: flagsOfRun(),
  examples: [
    ['', 'everything of our own: embedded Nextcloud, reference servers, a real browser'],
    ['--server-url oauth=http://127.0.0.1:8001/mcp --nextcloud http://localhost:8080', 'a server that runs'],
    ["--server-command 'node {cwd}/server.js --port {port}' --mode basic", 'a server that we start'],
    [
      '--nextcloud container --server-image oauth=my/server:1.2',
      'a server in a container beside a real Nextcloud',
    ],
    ['--suite resource-server --mode oauth --user-agent http', 'one suite, without a browser'],
    ['--shard 1/4 --report-dir shard-1', 'a quarter of the checks; see `merge`'],
    ['--baseline baseline.json --reporter sarif --reporter junit', 'with accepted findings, other reports'],
    ['--mutant s-aud-unchecked', 'see a check turn red'],
  ],
  async run({ flags, env, io, services }) {
    const { CHECKS } = await import('../catalogue/index.js')
    const options = await resolveRunOptions(
      { flags, env, cwd: io.cwd },
      CHECKS.map(({ id }) => id),
    )
    const reportDir = await ensureReportDir(options.reportDir, io.cwd)
    const ui = createConsole(io.stdout, { quiet: options.quiet, env })
    if (options.settings.userAgent === 'browser' && options.settings.targets.oauth !== undefined) {
      // Found (or installed, with its progress shown) before anything is started.
      await services.resolveBrowser({ env, onProgress: (line) => ui.stage(line) })
    }
    io.signal.throwIfAborted()
    const report = await withoutCommands(env, io, async () => {
      const outcome = await services.runConformance(options.settings, {
        ui,
        workers: options.workers,
        playwrightReportDir: join(reportDir, 'playwright'),
        ...(options.settings.shard === undefined
          ? {}
          : { playwrightBlobFile: join(reportDir, PLAYWRIGHT_BLOB) }),
        signal: io.signal,
      })
      const paths = await writeReports(reportDir, outcome.report, outcome.screenshots, {
        reporters: options.reporters,
        project: projectOf(options.configFile, env, io.cwd),
      })
      // An empty shard runs nothing, so Playwright writes nothing.
      const files = outcome.report.results.length === 0 ? paths : [...paths, 'playwright/']
      ui.finish(outcome.report, { folder: options.reportDir, files })
      return outcome.report
    })
    if (options.reporters.includes('github')) await reportToGithub(report, env, io)
    return exitCodeOfEnding({ kind: 'report', report })
  },
}
