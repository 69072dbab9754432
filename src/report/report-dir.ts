import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../errors.js'

/**
 * Makes sure, before a run, that its reports can be written.
 *
 * @param dir as given by `--report-dir`, relative to `cwd`.
 * @returns its absolute path.
 * @throws {UsageError} `NCMC_REPORT_DIR` when it cannot be made or written, or when its `playwright` folder is
 * somebody else's: Playwright replaces that folder.
 */
export async function ensureReportDir(dir: string, cwd: string = process.cwd()): Promise<string> {
  const folder = resolve(cwd, dir)
  try {
    await makeFolder(folder)
    // Only a try tells: modes mean nothing to root, and nothing on a read-only disk.
    const probe = join(folder, `.ncmc-probe-${process.pid}`)
    await writeFile(probe, '')
    await rm(probe, { force: true })
  } catch (cause) {
    throw new UsageError('NCMC_REPORT_DIR', `--report-dir: ${dir} cannot be written; name another folder`, {
      cause,
    })
  }
  if (await isForeignFolder(join(folder, 'playwright'))) {
    throw new UsageError(
      'NCMC_REPORT_DIR',
      `--report-dir: ${dir} holds a folder playwright that is no report and would be replaced; name another folder`,
    )
  }
  return folder
}

/** Level by level: Node's own recursive mkdir never returns where an existing folder answers ENOENT (/proc). */
async function makeFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) !== undefined) return
  await makeFolder(dirname(folder))
  await mkdir(folder).catch((error: unknown) => {
    // Somebody made it meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
}

async function isForeignFolder(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) return false
  const entries = found.isDirectory() ? await readdir(folder) : ['a file']
  return entries.length > 0 && !entries.includes('index.html')
}
