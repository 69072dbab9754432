import { readdirSync, readFileSync } from 'node:fs'

/** One request to a real Nextcloud and what it answered. */
export interface Exchange {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string | string[]>>
    readonly body: string
  }
}

const FOLDER = new URL('../recordings/', import.meta.url)

/** All recordings as `<profile>/<file>`. */
export function recordingFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
}

/** @param file `<profile>/<file>` */
export function readRecording(file: string): Exchange[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Exchange[]
}
