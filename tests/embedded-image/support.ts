import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runOcc } from '../../src/nextcloud/embedded-image/occ.js'

export interface Installed {
  readonly webRoot: string
  /** Runs a command as a user of the machine, by default the present one; its exit code and what it said. */
  readonly occ: (
    args: readonly string[],
    env?: Record<string, string>,
    uid?: number,
  ) => { code: number; out: string; err: string }
}

/** An empty web root with an occ. */
export function emptyWebRoot(): Installed {
  const webRoot = mkdtempSync(join(tmpdir(), 'ncmc-embedded-image-'))
  onTestFinished(() => rmSync(webRoot, { recursive: true, force: true }))
  return {
    webRoot,
    occ: (args, env = {}, uid = process.getuid?.() ?? 0) => {
      const out: string[] = []
      const err: string[] = []
      const say = (line: string): void => void out.push(line)
      const complain = (line: string): void => void err.push(line)
      const code = runOcc(args, { webRoot, env, uid, say, complain })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
  }
}

/** An installed web root whose administrator is `admin` with the password `admin-password`. */
export function installed(env: Record<string, string> = {}): Installed {
  const made = emptyWebRoot()
  const admin = { NEXTCLOUD_ADMIN_USER: 'admin', NEXTCLOUD_ADMIN_PASSWORD: 'admin-password' }
  const { code } = made.occ(['maintenance:install'], { ...admin, ...env })
  if (code !== 0) throw new Error('the installation failed')
  return { ...made, occ: (args, more = {}, uid) => made.occ(args, { ...env, ...more }, uid) }
}
