import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { UsageError, quoteUntrusted } from '../errors.js'
import { reportSchema, type RunReport } from './model.js'
import { oneLine } from './text.js'

/** A report as it was read from a file. */
export interface ReadReport {
  /** The file, as the user would name it. */
  readonly file: string
  /** Absolute path of the folder that holds it and its pictures. */
  readonly folder: string
  readonly report: RunReport
}

const versioned = z.object({ schemaVersion: z.unknown() })
const SCHEMA_VERSION = reportSchema.shape.schemaVersion.value

/**
 * Reads a `report.json`.
 *
 * @param path of the file, or of the folder that holds it; relative to `cwd`.
 * @throws {UsageError} `NCMC_REPORT`, naming the file and the fix: it is missing, no JSON, or no report that this
 * version can read.
 */
export async function readReport(path: string, cwd: string = process.cwd()): Promise<ReadReport> {
  const isFolder = (await stat(resolve(cwd, path)).catch(() => undefined))?.isDirectory() === true
  const file = isFolder ? join(path, 'report.json') : path
  const absolute = resolve(cwd, file)
  const value = await readJson(file, absolute)
  const version = versioned.safeParse(value).data?.schemaVersion
  if (version !== undefined && version !== SCHEMA_VERSION) {
    throw unreadable(
      file,
      `has schema version ${quoteUntrusted(version, 20)}, not ${SCHEMA_VERSION}; use the version of nc-mcp-conformance that wrote it`,
    )
  }
  const parsed = reportSchema.safeParse(value)
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? ''
    throw unreadable(
      file,
      `does not follow the report schema${place === '' ? '' : ` at ${quoteUntrusted(place, 80)}`}; name a report.json that \`run\` or \`merge\` of this version wrote`,
    )
  }
  return { file, folder: dirname(absolute), report: parsed.data }
}

async function readJson(file: string, absolute: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(absolute, 'utf8')
  } catch (cause) {
    const isMissing =
      cause instanceof Error && 'code' in cause && /^(ENOENT|ENOTDIR)$/.test(String(cause.code))
    throw unreadable(
      file,
      isMissing ? 'is not there; name a report.json or the folder that holds it' : 'cannot be read',
      isMissing ? undefined : cause,
    )
  }
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable(file, 'is no JSON; name the report.json of a run')
  }
}

/** @param predicate what is wrong with the file, and the fix. */
export function unreadable(file: string, predicate: string, cause?: unknown): UsageError {
  return new UsageError('NCMC_REPORT', `${oneLine(file)} ${predicate}`, cause === undefined ? {} : { cause })
}
