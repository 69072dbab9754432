import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFile } from '../src/package-root.js'
import type { Measurement } from './measure.js'

/** Wall time of a whole default run, with the time of an empty Playwright Test run as its floor. */
export async function benchDefaultRun(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ncmc-bench-'))
  try {
    const bin = packageFile('dist/src/cli/bin.js')
    const floor = await wallSeconds([bin, 'list'])
    const whole = await wallSeconds([bin, 'run', '--quiet', '--report-dir', folder])
    return [
      {
        name: 'default run (embedded, both modes, browser tokens)',
        value: whole,
        unit: 's',
        baseline: { name: '`list` (start of the CLI alone)', value: floor },
        bar: 'under 20 s',
      },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function wallSeconds(args: readonly string[]): Promise<number> {
  const started = performance.now()
  const code = await new Promise((resolve, reject) => {
    spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'inherit'] })
      .once('error', reject)
      .once('close', resolve)
  })
  if (code !== 0) throw new Error(`exit code ${String(code)}`)
  return (performance.now() - started) / 1000
}
