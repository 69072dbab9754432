import { readFileSync, watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 1
const MENTIONS_CLIENT = /client_id|client_secret/

/** A file in which a server keeps its own client. */
export interface ClientFile {
  /** Name inside the folder. */
  readonly name: string
  readonly text: string
  /** Its content, when it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

/** The files directly in a folder that hold a client, in name order. */
export async function readClientFiles(folder: string): Promise<ClientFile[]> {
  const files: ClientFile[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const text = await readFile(join(folder, entry.name), 'utf8')
    if (MENTIONS_CLIENT.test(text)) files.push({ name: entry.name, text, json: jsonObject(text) })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export interface WholenessWatch {
  /** Ends the watch. Names of the files that are there now, hold a client as JSON, and once did not hold whole JSON. */
  stop(): Promise<readonly string[]>
}

/** Reads all files directly in a folder, at every event and in between, as another instance might at any moment. */
export function watchWholeness(folder: string): WholenessWatch {
  const torn = new Set<string>()
  let stopped = false
  const sample = (name: string): void => {
    try {
      if (jsonObject(readFileSync(join(folder, name), 'utf8')) === undefined) torn.add(name)
    } catch {
      // It has gone again, or is no file.
    }
  }
  const watcher = watch(folder, (_, name) => {
    if (name !== null) sample(name)
  })
  const polling = (async () => {
    while (!stopped) {
      for (const name of await readdir(folder)) sample(name)
      await delay(POLL_MS)
    }
  })()
  return {
    async stop() {
      stopped = true
      await polling
      watcher.close()
      const files = await readClientFiles(folder)
      // A draft that was renamed, or removed, was nobody's to read. What never is JSON has its own way to be whole.
      return files.filter(({ name, json, text }) => torn.has(name) && looksLikeJson(text, json)).map(nameOf)
    },
  }
}

function nameOf({ name }: ClientFile): string {
  return name
}

/** Two writers may leave something that is no JSON any more. */
function looksLikeJson(text: string, json: ClientFile['json']): boolean {
  return json !== undefined || text.trimStart().startsWith('{')
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
