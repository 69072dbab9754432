import { lstatSync, watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 2

/** What was seen of one file while its folder was watched. */
export interface FileHistory {
  /** Name inside the folder. */
  readonly name: string
  /** Whether it was there at the end. */
  readonly exists: boolean
  /** Whether its content at the end names an OAuth client. */
  readonly mentionsClient: boolean
  /** Permission bits when last seen. */
  readonly lastMode: number
  /** All permission bits that it ever had. */
  readonly widestMode: number
  /** How often its mode was read. */
  readonly samples: number
}

export interface FolderWatch {
  /** Ends the watch; files in name order. */
  stop(): Promise<readonly FileHistory[]>
}

interface Seen {
  lastMode: number
  widestMode: number
  samples: number
}

/** Samples the modes of all files directly in a folder, at every event and in between, until stopped. */
export function watchFolder(folder: string): FolderWatch {
  const seen = new Map<string, Seen>()
  let stopped = false
  // Synchronous: a moment too long on the way to a thread, and a short-lived mode has gone.
  const sample = (name: string): void => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false })
    if (stats?.isFile() !== true) return
    const mode = stats.mode & 0o777
    const before = seen.get(name) ?? { lastMode: 0, widestMode: 0, samples: 0 }
    seen.set(name, {
      lastMode: mode,
      widestMode: before.widestMode | mode,
      samples: before.samples + 1,
    })
  }
  const sampleAll = async (): Promise<void> => {
    for (const name of await readdir(folder)) sample(name)
  }
  // Events come at once, also for files that live shorter than a pause of the loop below.
  const watcher = watch(folder, (_, name) => {
    if (name !== null) sample(name)
  })
  const polling = (async () => {
    while (!stopped) {
      await sampleAll()
      await delay(POLL_MS)
    }
  })()
  return {
    async stop() {
      stopped = true
      await polling
      watcher.close()
      await sampleAll()
      const names = await readdir(folder)
      return Promise.all(
        [...seen].sort().map(async ([name, history]) => ({
          name,
          exists: names.includes(name),
          mentionsClient: names.includes(name) && (await mentionsClient(join(folder, name))),
          ...history,
        })),
      )
    },
  }
}

async function mentionsClient(path: string): Promise<boolean> {
  const content = await readFile(path).catch(() => Buffer.alloc(0))
  return content.includes('client_id') || content.includes('client_secret')
}
