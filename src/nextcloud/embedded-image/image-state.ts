import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { SavedState, SavedUser } from '../embedded/saved-state.js'
import type { SystemValue } from '../embedded/system-config.js'

const STATE_FILE = 'config/ncmc-state.json'
const LOCK_WAIT_MS = 10_000
const LOCK_STEP_MS = 10

/** What the image keeps below its web root; `occ` changes it, the server follows. */
export interface ImageState extends Omit<SavedState, 'users' | 'appConfig' | 'apps' | 'system'> {
  readonly schema: 1
  /** Of the code that last wrote it, four parts: another one means that an upgrade is due. */
  version: string
  users: Record<string, { -readonly [Member in keyof SavedUser]: SavedUser[Member] }>
  appConfig: Record<string, Record<string, string>>
  system: Record<string, SystemValue>
  apps: Record<string, { version: string; enabled: boolean }>
  /** By user id, then `app/key`: what `user:setting` keeps. */
  preferences: Record<string, Record<string, string>>
}

/** The path of the state file of a web root. */
export function stateFile(webRoot: string): string {
  return join(webRoot, STATE_FILE)
}

/** @returns `undefined` when nothing is installed below this web root. */
export function readState(webRoot: string): ImageState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(webRoot), 'utf8')) as ImageState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes the state at once or not at all, readable by its owner only. */
export function writeState(webRoot: string, state: ImageState): void {
  const file = stateFile(webRoot)
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, file)
}

/**
 * Runs something while no other process of ours does so for this web root; a lock whose owner is gone is taken over
 * after ten seconds.
 */
export function withLock<T>(webRoot: string, action: () => T): T {
  const lock = `${stateFile(webRoot)}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  takeLock(lock)
  try {
    return action()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(lock: string): void {
  for (let waitedMs = 0; ; waitedMs += LOCK_STEP_MS) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (waitedMs >= LOCK_WAIT_MS) rmSync(lock, { force: true })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_STEP_MS)
  }
}

/** Says whether the state was written since: changes with every write. */
export function stateStamp(webRoot: string): string {
  const { ino, mtimeMs, size } = statSync(stateFile(webRoot))
  return `${ino} ${mtimeMs} ${size}`
}
