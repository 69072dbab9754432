import yargs, { type Argv, type Options } from 'yargs'
import { unknownName } from '../config/names.js'
import { RUN_OPTIONS, type OptionDescription } from '../config/schema.js'
import type { ExitCode } from '../engine/exit-code.js'
import { NcmcError, UsageError } from '../errors.js'
import type { CliIo } from './io.js'
import type { Services } from './services.js'

/** One flag of a command. */
export interface Flag {
  /** Without dashes. */
  readonly name: string
  readonly type: 'string' | 'boolean' | 'array'
  readonly description: string
  /** Shown in the help text; not enforced here, because commands name the nearest valid value. */
  readonly choices?: readonly string[]
  readonly defaultText?: string
  readonly placeholder?: string
}

/** Texts after the command's name. */
export interface Positional {
  readonly name: string
  /** For the usage line, e.g. `<A> <B>`. */
  readonly usage: string
  readonly description: string
  readonly min: number
  /** Default: any number. */
  readonly max?: number
}

/** Flag name without dashes to its text, truth or list of texts; absent flags are absent. */
export type Flags = Readonly<Record<string, unknown>>

export interface CommandContext {
  readonly flags: Flags
  readonly env: NodeJS.ProcessEnv
  readonly io: CliIo
  readonly services: Services
}

/** A command as data plus one function. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Runs when no command is named. */
  readonly isDefault?: true
  readonly flags: readonly Flag[]
  /** Words that may follow the command's name, one at a time; the one given is the flag `action`. */
  readonly actions?: readonly string[]
  /** What may follow the command's name besides flags: any number of texts, in the flag `name`. */
  readonly positional?: Positional
  /** Arguments after the program's name, and what they do. */
  readonly examples: readonly (readonly [args: string, does: string])[]
  run(context: CommandContext): Promise<ExitCode>
}

/** What the command line asks for: a text to print (help, version), or a command with its flags. */
export type ParsedLine =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'command'; readonly command: Command; readonly flags: Flags }

const PROGRAM = 'nc-mcp-conformance'

/**
 * Parses a command line. Never prints, never ends the process.
 *
 * @throws {UsageError} `NCMC_UNKNOWN_NAME` for unknown commands and flags, `NCMC_USAGE` for other mistakes.
 */
export async function parseLine(
  commands: readonly Command[],
  argv: readonly string[],
  version: string,
): Promise<ParsedLine> {
  const names = commands.map(({ name }) => name)
  const [first] = argv
  if (first !== undefined && !first.startsWith('-') && !names.includes(first)) {
    throw unknownName('there is no command', first, names, 'see --help')
  }
  const selected = commands.find(({ name }) => name === first) ?? commands.find(({ isDefault }) => isDefault)
  let parsed: ParsedLine | undefined
  const parser = yargs()
    .scriptName(PROGRAM)
    .locale('en')
    .usage('$0 <command> [options]')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'greedy-arrays': false,
    })
    .exitProcess(false)
    .wrap(110)
    .version(version)
    .help()
    .strict()
    .fail((message: string | undefined, error: unknown) => {
      throw toUsageError(message ?? (error instanceof Error ? error.message : String(error)), selected)
    })
  for (const command of commands) {
    parser.command(
      command.isDefault === true
        ? [command.name, '$0']
        : [command.name, ...(command.actions === undefined ? [] : ['[action]']), ...placesOf(command)].join(
            ' ',
          ),
      command.summary,
      (builder) => addFlags(builder, command),
      ({ _: positional, $0: _script, ...flags }) => {
        const extra = positional.slice(positional[0] === command.name ? 1 : 0)
        if (extra.length > 0)
          throw new UsageError('NCMC_USAGE', `${command.name} takes no arguments, only flags`)
        refuseWrongCount(command, flags)
        const { action } = flags
        if (typeof action === 'string' && command.actions?.includes(action) === false)
          throw unknownName(
            `${command.name} has no action`,
            action,
            command.actions,
            `see ${command.name} --help`,
          )
        parsed = { kind: 'command', command, flags }
      },
    )
  }
  let output = ''
  try {
    await parser.parseAsync([...argv], {}, (_error, _argv, text) => {
      output = text
    })
  } catch (error) {
    if (error instanceof NcmcError) throw error
    throw toUsageError(error instanceof Error ? error.message : String(error), selected)
  }
  return parsed ?? { kind: 'print', text: output }
}

/** The flags of a run's options; secrets have none. */
export function flagsOfRun(include: (option: OptionDescription) => boolean = () => true): readonly Flag[] {
  const flags = RUN_OPTIONS.filter(
    (option) => option.meta.secret !== true && option.meta.fileOnly !== true && include(option),
  ).map((option): Flag => ({
    name: option.flag,
    type: option.type === 'array' || option.type === 'boolean' ? option.type : 'string',
    description: option.description,
    ...(option.choices === undefined || option.choices.length > 6 ? {} : { choices: option.choices }),
    ...(option.meta.placeholder === undefined ? {} : { placeholder: option.meta.placeholder }),
    ...(isShownDefault(option.defaultValue) ? { defaultText: String(option.defaultValue) } : {}),
  }))
  return [...flags, CONFIG_FLAG]
}

const CONFIG_FLAG: Flag = {
  name: 'config',
  type: 'string',
  description: 'configuration file; by default nc-mcp-conformance.config.json, .ts, .mjs or .js here',
  placeholder: '<file>',
}

function isShownDefault(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** How yargs is told of texts after the command's name. */
function placesOf({ positional }: Command): readonly string[] {
  return positional === undefined ? [] : [`[${positional.name}..]`]
}

function refuseWrongCount({ name, positional }: Command, flags: Flags): void {
  if (positional === undefined) return
  const given = positionalTexts(flags, positional.name).length
  if (given >= positional.min && given <= (positional.max ?? Infinity)) return
  throw new UsageError(
    'NCMC_USAGE',
    `${name} needs ${positional.usage} (${positional.description}), and was given ${given}; see ${PROGRAM} ${name} --help`,
  )
}

/** The texts after the command's name. */
export function positionalTexts(flags: Flags, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? value.map(String) : []
}

function addFlags(builder: Argv, command: Command): Argv {
  const { positional } = command
  if (positional !== undefined)
    builder.positional(positional.name, { type: 'string', array: true, describe: positional.description })
  for (const flag of command.flags) builder.option(flag.name, toYargs(flag))
  // yargs would set examples in columns and break the commands, which are there to be copied.
  const examples = command.examples.map(([args, does]) => `  # ${does}\n  ${PROGRAM} ${args}`.trimEnd())
  return builder
    .usage(
      `$0 ${[command.name, ...(command.positional === undefined ? [] : [command.positional.usage])].join(' ')} [options]\n\n${command.summary}`,
    )
    .epilogue(['Examples:', ...examples].join('\n'))
}

function toYargs(flag: Flag): Options {
  const values = flag.choices?.join('|') ?? flag.placeholder
  const facts = [
    ...(values === undefined ? [] : [values]),
    ...(flag.defaultText === undefined ? [] : [`default: ${flag.defaultText}`]),
  ]
  return {
    description: facts.length === 0 ? flag.description : `${flag.description} (${facts.join(', ')})`,
    ...(flag.type === 'array' ? { type: 'array', string: true } : { type: flag.type }),
    ...(flag.type === 'boolean' ? {} : { requiresArg: true }),
  }
}

/** yargs only has sentences; ours name the nearest flag, and where secrets come from. */
function toUsageError(message: string, command: Command | undefined): UsageError {
  const unknown = /^Unknown arguments?: ([^,\s]+)/.exec(message)?.[1]
  if (unknown !== undefined) {
    const secret = RUN_OPTIONS.find((option) => option.meta.secret === true && option.flag === unknown)
    if (secret !== undefined) {
      return new UsageError(
        'NCMC_USAGE',
        `--${unknown} is no flag: secrets come from the environment (${secret.variable}) or the configuration file`,
      )
    }
    const flags = command?.flags.map(({ name }) => `--${name}`) ?? []
    return unknownName(
      `${command?.name ?? PROGRAM}: there is no flag`,
      `--${unknown}`,
      flags,
      `see ${PROGRAM} ${command?.name ?? ''} --help`,
    )
  }
  const needy = /^Not enough arguments following: (\S+)/.exec(message)?.[1]
  if (needy !== undefined) return new UsageError('NCMC_USAGE', `--${needy} needs a value`)
  return new UsageError('NCMC_USAGE', message)
}
