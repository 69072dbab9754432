import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.js'
import { REPORTERS, USUAL_REPORTERS, type Reporter } from '../reporter-names.js'
import type { Project } from './artifact.js'
import { renderBadge } from './badge.js'
import { renderGitlab } from './gitlab.js'
import { renderHtml } from './html.js'
import { renderJson } from './json.js'
import { renderJunit } from './junit.js'
import { renderMarkdown } from './markdown.js'
import type { RunReport } from './model.js'
import { renderSarif } from './sarif.js'
import { writeWhole } from './write-whole.js'

/** Names that our own screenshots have; nothing else is ever read, written or removed by name. */
export const SCREENSHOT = /^[\w.-]+\.png$/

/** Files of a report, the one for people first. */
const FILES: Readonly<
  Record<
    Exclude<Reporter, 'github'>,
    readonly [name: string, render: (report: RunReport, input: RenderInput) => string]
  >
> = {
  html: ['index.html', (report, { screenshots }) => renderHtml(report, screenshots)],
  json: ['report.json', renderJson],
  junit: ['junit.xml', renderJunit],
  markdown: ['summary.md', renderMarkdown],
  sarif: ['report.sarif', (report, { project }) => renderSarif(report, project)],
  gitlab: ['gl-code-quality-report.json', (report, { project }) => renderGitlab(report, project)],
  badge: ['badge.json', renderBadge],
}

interface RenderInput {
  readonly screenshots: ReadonlyMap<string, Uint8Array>
  readonly project: Project
}

export interface WriteOptions {
  /** Which files; `report.json` is always written, because other commands read it. Default: the usual ones. */
  readonly reporters?: readonly Reporter[]
  /** Whose files findings are tied to. Default: nothing is known of it. */
  readonly project?: Project
}

/**
 * Writes reports and the screenshots that they name into a folder, each file as a whole or not at all, and removes the
 * screenshots of the previous report there.
 *
 * @param dir absolute path of an existing folder, see `ensureReportDir`.
 * @returns names of the report files, the one for people first.
 * @throws {UsageError} `NCMC_REPORT_DIR` when a file cannot be written.
 * @throws {HarnessError} `NCMC_INTERNAL` when the report does not follow its schema.
 */
export async function writeReports(
  dir: string,
  report: RunReport,
  screenshots: ReadonlyMap<string, Uint8Array>,
  { reporters = USUAL_REPORTERS, project = {} }: WriteOptions = {},
): Promise<readonly string[]> {
  const wanted = REPORTERS.filter((name) => name !== 'github').filter(
    (name) => name === 'json' || reporters.includes(name),
  )
  const files = wanted.map((reporter) => {
    const [name, render] = FILES[reporter]
    return [name, render(report, { screenshots, project })] as const
  })
  try {
    await removePreviousScreenshots(dir)
    for (const [name, png] of screenshots) {
      if (SCREENSHOT.test(name)) await writeWhole(join(dir, name), png)
    }
    for (const [name, content] of files) await writeWhole(join(dir, name), content)
  } catch (cause) {
    throw new UsageError(
      'NCMC_REPORT_DIR',
      '--report-dir: the reports could not be written; name another folder',
      {
        cause,
      },
    )
  }
  return files.map(([name]) => name)
}

/** Only files that the previous report names: the folder may hold what is not ours. */
async function removePreviousScreenshots(dir: string): Promise<void> {
  const text = await readFile(join(dir, 'report.json'), 'utf8').catch(() => '')
  const names = text.matchAll(/"file": "([\w.-]+\.png)"/g)
  await Promise.all([...names].map(([, name = '']) => rm(join(dir, name), { force: true })))
}
