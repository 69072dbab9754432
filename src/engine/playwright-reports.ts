import { execFile } from 'node:child_process'
import { copyFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFile } from '../package-root.js'
import { createTemporaryFolder } from '../temporary-folder.js'
import { RUN_HANDLE_VARIABLE } from './worker-protocol.js'

/** File in the report folder of a shard from which Playwright makes its part of a merged report. */
export const PLAYWRIGHT_BLOB = 'playwright-blob.zip'

const TIMEOUT_MS = 120_000

/** Absolute path of the command of the Playwright Test that this package depends on. */
export function playwrightCommand(): string {
  return join(createRequire(import.meta.url).resolve('@playwright/test/package.json'), '..', 'cli.js')
}

/**
 * Makes Playwright's own report out of those of shards.
 *
 * @param blobs absolute paths of their {@link PLAYWRIGHT_BLOB} files.
 * @param folder absolute path of the folder for the report, which is replaced.
 * @throws {Error} when Playwright cannot make sense of them, or takes longer than two minutes.
 */
export async function mergePlaywrightReports(
  blobs: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const temporary = await createTemporaryFolder()
  try {
    for (const [at, blob] of blobs.entries()) await copyFile(blob, join(temporary, `report-${at + 1}.zip`))
    const config = packageFile('dist/playwright.config.js')
    await promisify(execFile)(
      process.execPath,
      [playwrightCommand(), 'merge-reports', '--config', config, temporary],
      {
        signal,
        timeout: TIMEOUT_MS,
        env: {
          ...process.env,
          // The configuration of a run under the CLI: nothing is printed, and only a folder gets a report.
          [RUN_HANDLE_VARIABLE]: '{}',
          NCMC_PLAYWRIGHT_REPORT_DIR: folder,
        },
      },
    )
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
