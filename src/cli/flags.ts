import { unknownName } from '../config/names.js'
import { UsageError, quoteUntrusted } from '../errors.js'
import type { Flags } from './command.js'

/** A flag's text, when given. @throws {UsageError} when it was given more than once. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  if (Array.isArray(value)) {
    throw new UsageError('NCMC_USAGE', `--${name} was given ${value.length} times; it takes one value`)
  }
  return typeof value === 'string' ? value : undefined
}

/** A flag with fixed values. @throws {UsageError} `NCMC_UNKNOWN_NAME` with the nearest valid one. */
export function choiceFlag<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textFlag(flags, name)
  return text === undefined ? undefined : choiceOf(text, name, choices, `valid are ${choices.join(', ')}`)
}

/** A repeatable flag with fixed values; commas separate as well. @throws {UsageError} as {@link choiceFlag}. */
export function choicesFlag<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
  hint: string,
): readonly T[] {
  const value = flags[name]
  const texts = (Array.isArray(value) ? value : []).flatMap((text) => String(text).split(','))
  return texts.map((text) => choiceOf(text.trim(), name, choices, hint))
}

/** A TCP port; 0 (the default) picks a free one. @throws {UsageError} when it is none. */
export function portFlag(flags: Flags): number {
  const text = textFlag(flags, 'port') ?? '0'
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new UsageError(
    'NCMC_USAGE',
    `--port must be a number from 0 to 65535, not ${quoteUntrusted(text, 40)}`,
  )
}

function choiceOf<T extends string>(text: string, name: string, choices: readonly T[], hint: string): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw unknownName(`--${name} cannot be`, text, choices, hint)
  return found
}
