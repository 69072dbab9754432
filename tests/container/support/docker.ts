import { execFile, execFileSync } from 'node:child_process'

/** Longer than any start takes; `docker wait` would wait for ever. */
const COMMAND_TIMEOUT_MS = 60_000

/** Runs `docker`; its exit code, and both outputs as one text. */
export function docker(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile('docker', args, { timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, text: (stdout + stderr).trim() })
    })
  })
}

/** Runs `docker`; both outputs as one text. Throws when it fails. */
export async function must(...args: string[]): Promise<string> {
  const { code, text } = await docker(...args)
  if (code !== 0) throw new Error(`docker ${args[0]} ended with ${code}: ${text}`)
  return text
}

/** Runs `docker`, and nothing else meanwhile; its standard output. Throws when it fails. */
export function mustNow(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS, stdio: 'pipe' }).trim()
}

/** Asks until a command succeeds, at most for so long. @returns its output. */
export async function eventually(timeoutMs: number, ...args: string[]): Promise<string> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const { code, text } = await docker(...args)
    if (code === 0) return text
    if (performance.now() > endMs) throw new Error(`docker ${args[0]} still ends with ${code}: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
