/** Whether an option is a switch or takes a value (`--name=value` or `--name value`). */
export type OptionKind = 'flag' | 'value'

/** What a command line may hold. */
export interface InputDefinition {
  /** Names of positional arguments; `name?` may be left out, `name*` takes all that are left. */
  readonly arguments?: readonly string[]
  readonly options?: Readonly<Record<string, OptionKind>>
}

/** A parsed command line. */
export interface ConsoleInput {
  /** By name, without `?` and `*`; of a `*` argument the first value. */
  argument(name: string): string | undefined
  /** All values of a `*` argument. */
  list(name: string): readonly string[]
  /** Value of an option; of a flag `''` when given. */
  option(name: string): string | undefined
}

/** A command line that does not fit; the message is Symfony's, which occ is made with. */
export class ConsoleError extends Error {}

const GLOBAL_OPTIONS: Readonly<Record<string, OptionKind>> = {
  'no-interaction': 'flag',
  'no-warnings': 'flag',
  ansi: 'flag',
  'no-ansi': 'flag',
  quiet: 'flag',
  verbose: 'flag',
  version: 'flag',
  output: 'value',
}
const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  '-n': 'no-interaction',
  '-q': 'quiet',
  '-v': 'verbose',
  '-f': 'force',
  '-V': 'version',
}

/**
 * Parses what follows the command's name.
 *
 * @throws {ConsoleError} for unknown options, options without their value, too many or too few arguments.
 */
export function parseInput(args: readonly string[], definition: InputDefinition): ConsoleInput {
  const kinds: Record<string, OptionKind> = { ...GLOBAL_OPTIONS, ...definition.options }
  const options = new Map<string, string>()
  const given: string[] = []
  let positionalOnly = false
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (positionalOnly || arg === '-' || !arg.startsWith('-')) {
      given.push(arg)
      continue
    }
    if (arg === '--') {
      positionalOnly = true
      continue
    }
    const [written, value] = splitOnce(arg)
    const name = arg.startsWith('--') ? written.slice(2) : (SHORT_OPTIONS[written] ?? '')
    const kind = kinds[name]
    if (kind === undefined) throw new ConsoleError(`The "${written}" option does not exist.`)
    if (kind === 'flag') {
      if (value !== undefined) throw new ConsoleError(`The "--${name}" option does not accept a value.`)
      options.set(name, '')
      continue
    }
    const next = value ?? args[(index += 1)]
    if (next === undefined) throw new ConsoleError(`The "--${name}" option requires a value.`)
    options.set(name, next)
  }
  const lists = assignArguments(given, definition.arguments ?? [])
  return {
    argument: (name) => lists.get(name)?.[0],
    list: (name) => lists.get(name) ?? [],
    option: (name) => options.get(name),
  }
}

function assignArguments(given: readonly string[], wanted: readonly string[]): Map<string, string[]> {
  const lists = new Map<string, string[]>()
  const rest = [...given]
  const missing: string[] = []
  for (const argument of wanted) {
    const name = argument.replace(/[?*]$/, '')
    const values = argument.endsWith('*') ? rest.splice(0) : rest.splice(0, 1)
    if (values.length > 0) lists.set(name, values)
    else if (!argument.endsWith('?')) missing.push(name)
  }
  if (missing.length > 0) {
    throw new ConsoleError(`Not enough arguments (missing: "${missing.join(', ')}").`)
  }
  if (rest.length > 0)
    throw new ConsoleError(`Too many arguments, expected arguments "${wanted.join('" "')}".`)
  return lists
}

function splitOnce(arg: string): [string, string?] {
  const at = arg.indexOf('=')
  return at === -1 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)]
}
