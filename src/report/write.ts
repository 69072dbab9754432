import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.js'
import { renderHtml } from './html.js'
import { renderJson } from './json.js'
import { renderJunit } from './junit.js'
import { renderMarkdown } from './markdown.js'
import type { RunReport } from './model.js'
import { writeWhole } from './write-whole.js'

/** Names that our own screenshots have; nothing else is ever read, written or removed by name. */
export const SCREENSHOT = /^[\w.-]+\.png$/

/**
 * Writes all reports and the screenshots that they name into a folder, each file as a whole or not at all, and
 * removes the screenshots of the previous report there.
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
): Promise<readonly string[]> {
  const files: readonly (readonly [name: string, content: string])[] = [
    ['index.html', renderHtml(report, screenshots)],
    ['report.json', renderJson(report)],
    ['junit.xml', renderJunit(report)],
    ['summary.md', renderMarkdown(report)],
  ]
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
