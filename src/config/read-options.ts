import type { z } from 'zod'
import { UsageError } from '../errors.js'
import { describeIssue } from './issue.js'
import { runOptionsSchema, RUN_OPTIONS, type OptionKey, type RunInput } from './schema.js'
import type { SourcedValue, SourcedValues } from './sources.js'

/** How to see the names of suites, checks and mutants. */
export const LIST_HINT = 'list them with `nc-mcp-conformance list`'

/**
 * Options with their defaults.
 *
 * @param values each with the name that the user gave it by.
 * @throws {UsageError} for a wrong value, naming it so.
 */
export function readOptions(values: SourcedValues): RunInput {
  const parsed = runOptionsSchema.safeParse(
    Object.fromEntries([...values].map(([key, { value }]) => [key, value])),
    { reportInput: true },
  )
  if (!parsed.success) throw toUsageError(parsed.error.issues[0], values)
  return parsed.data
}

function toUsageError(
  issue: z.core.$ZodIssue | undefined,
  merged: ReadonlyMap<OptionKey, SourcedValue>,
): UsageError {
  const option = RUN_OPTIONS.find(({ key }) => key === issue?.path[0])
  if (issue === undefined || option === undefined)
    return new UsageError('NCMC_USAGE', 'the options are not valid')
  const { secret = false, noun } = option.meta
  const place = {
    origin: originOf(option.key, merged),
    schema: runOptionsSchema.shape[option.key],
    secret,
    ...(noun === undefined ? {} : { noun }),
    ...(noun === 'suite' || noun === 'mutant' ? { hint: LIST_HINT } : {}),
  }
  return describeIssue(issue, place, issue.path.slice(1))
}

/** The flag, variable or member that the user gave an option by. */
export function originOf(key: OptionKey, merged: ReadonlyMap<OptionKey, SourcedValue>): string {
  return merged.get(key)?.origin ?? `--${RUN_OPTIONS.find((option) => option.key === key)?.flag ?? key}`
}
