import type { Profile } from '../../embedded/profiles.js'
import type { ConsoleInput, InputDefinition } from '../console-input.js'
import type { ImageState } from '../image-state.js'

/** What a command works with. */
export interface CommandContext {
  readonly input: ConsoleInput
  /** Changed in place; written when the command is through. */
  readonly state: ImageState
  readonly profile: Profile
  /** Folder of the instance, `/var/www/html`. */
  readonly webRoot: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line to standard output. */
  readonly say: (line: string) => void
  /** Writes a line to standard error. */
  readonly complain: (line: string) => void
}

/** A command of occ. Its `run` returns the exit code. */
export interface OccCommand extends InputDefinition {
  readonly name: string
  run(context: CommandContext): number
}

/** Whether `--output=json` or `--output=json_pretty` was asked for; the text in that form if so. */
export function asJson({ input }: CommandContext, value: unknown): string | undefined {
  const format = input.option('output')
  if (format === 'json') return JSON.stringify(value)
  return format === 'json_pretty' ? JSON.stringify(value, null, 4) : undefined
}

/** Says a table of names and values as occ does: JSON when asked for, else `  - name: value` a line. */
export function sayTable(
  context: CommandContext,
  table: Readonly<Record<string, unknown>>,
  indent = '  ',
): void {
  const json = asJson(context, table)
  if (json !== undefined) {
    context.say(json)
    return
  }
  for (const [name, value] of Object.entries(table)) context.say(`${indent}- ${name}: ${String(value)}`)
}
