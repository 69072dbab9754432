import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { baselineSchema, REASON_PLACEHOLDER, type Baseline, type BaselineRow } from '../baseline-schema.js'
import { UsageError } from '../errors.js'
import { describeIssue } from './issue.js'

export interface BaselineFileOptions {
  readonly cwd: string
  /** Also take rows whose reason is still to be given. Default false. */
  readonly unfinished?: boolean
}

/**
 * Reads a baseline file.
 *
 * @param name as the user gave it, relative to `cwd`.
 * @param origin what the user named it by, e.g. `--baseline`.
 * @throws {UsageError} naming the file, the member and the nearest valid name: it is missing, no JSON, not of the
 * schema, has a row twice, or a row without a reason.
 */
export async function readBaselineFile(
  name: string,
  origin: string,
  options: BaselineFileOptions,
): Promise<Baseline> {
  const value = await readJson(name, origin, resolve(options.cwd, name))
  const parsed = baselineSchema.safeParse(value, { reportInput: true })
  const [issue] = parsed.error?.issues ?? []
  if (issue !== undefined)
    throw describeIssue(issue, { origin: name, schema: baselineSchema, countsItems: true })
  const { rows, ...rest } = parsed.data ?? { rows: [] }
  refuseDoubles(name, rows)
  const unfinished = rows.find(({ reason }) => reason === REASON_PLACEHOLDER)
  if (unfinished !== undefined && options.unfinished !== true) {
    throw new UsageError(
      'NCMC_USAGE',
      `${name}: ${nameOfRow(unfinished)} has no reason yet; write into "reason" why it is accepted`,
    )
  }
  return { ...rest, rows }
}

/** E.g. `rs.token.audience [oauth]`. */
export function nameOfRow({ check, mode, version }: Pick<BaselineRow, 'check' | 'mode' | 'version'>): string {
  return `${check} [${mode}]${version === undefined ? '' : ` of version ${version}`}`
}

function refuseDoubles(name: string, rows: readonly BaselineRow[]): void {
  const seen = new Set<string>()
  for (const row of rows) {
    const key = nameOfRow(row)
    if (seen.has(key))
      throw new UsageError('NCMC_USAGE', `${name}: ${key} has two rows; a cell has one verdict, keep one row`)
    seen.add(key)
  }
}

async function readJson(name: string, origin: string, path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw isMissing
      ? new UsageError(
          'NCMC_USAGE',
          `${origin}: there is no file ${name}; \`baseline update --from <report.json> --baseline ${name}\` writes it`,
        )
      : new UsageError('NCMC_USAGE', `${origin}: ${name} cannot be read`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError('NCMC_USAGE', `${name} is not valid JSON`)
  }
}
