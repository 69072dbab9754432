import { UsageError, quoteUntrusted } from '../errors.js'
import type { Mode } from '../servers/server.js'
import type { TargetSource } from '../stack.js'
import { modeAndValue, valueFor } from './mode-value.js'
import type { RunInput } from './schema.js'
import { serverVariables } from './server-variables.js'
import type { ServerImageEntry } from './target-schema.js'
import { splitWords } from './words.js'

export type ImageInput = Pick<
  RunInput,
  | 'serverImage'
  | 'serverImageCommand'
  | 'serverImagePort'
  | 'serverImagePath'
  | 'serverImageReadyPath'
  | 'serverEnv'
>

/** Flags that say how `--server-image` is run. */
export const IMAGE_OPTIONS = [
  ['serverImageCommand', '--server-image-command'],
  ['serverImagePort', '--server-image-port'],
  ['serverImagePath', '--server-image-path'],
  ['serverImageReadyPath', '--server-image-ready-path'],
] as const

const MAX_PORT = 65_535

/** An entry of `--server-image` as an object: a text is `[basic=|oauth=]<image>`. */
export function imageEntry(entry: string | ServerImageEntry): ServerImageEntry {
  if (typeof entry !== 'string') return entry
  const { mode, value } = modeAndValue(entry)
  return { ...(mode === undefined ? {} : { mode }), image: value.trim() }
}

/**
 * How the container of one mode is started: what the entry itself says, else what the flags say for the mode.
 *
 * @throws {UsageError} naming the flag.
 */
export function imageSource(
  mode: Mode,
  entry: ServerImageEntry,
  input: ImageInput,
  environment: NodeJS.ProcessEnv,
): TargetSource {
  if (!/^[\w][\w./:@-]*$/.test(entry.image)) {
    throw new UsageError(
      'NCMC_USAGE',
      `--server-image must be the name of an image, e.g. oauth=example/server:1.2, not ${quoteUntrusted(entry.image, 60)}`,
    )
  }
  const command = entry.command ?? commandOf(valueFor(mode, input.serverImageCommand))
  const port = entry.port ?? portOf(valueFor(mode, input.serverImagePort))
  const path = pathOf(entry.path ?? valueFor(mode, input.serverImagePath), '--server-image-path')
  const readyPath = pathOf(
    entry.readyPath ?? valueFor(mode, input.serverImageReadyPath),
    '--server-image-ready-path',
  )
  return {
    kind: 'image',
    image: entry.image,
    ...(command === undefined ? {} : { command }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    ...(readyPath === undefined ? {} : { readyPath }),
    ...serverVariables(mode, input.serverEnv, entry.env, environment),
  }
}

function commandOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [...splitWords(text, '--server-image-command')]
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0
  if (port >= 1 && port <= MAX_PORT) return port
  throw new UsageError(
    'NCMC_USAGE',
    `--server-image-port must be a port from 1 to ${MAX_PORT}, not ${quoteUntrusted(text, 40)}`,
  )
}

function pathOf(text: string | undefined, flag: string): string | undefined {
  if (text === undefined || /^\/[^\s?#]*$/.test(text.trim())) return text?.trim()
  throw new UsageError(
    'NCMC_USAGE',
    `${flag} must be a path that starts with a slash, e.g. /mcp, not ${quoteUntrusted(text, 60)}`,
  )
}
