import { UsageError } from '../errors.js'
import type { ConfigFile } from './config-file.js'
import { unknownName } from './names.js'
import { RUN_OPTIONS, type OptionDescription, type OptionKey } from './schema.js'

/** Variables with our prefix that are no options of a run. */
const OTHER_VARIABLES = [
  'NCMC_CONFIG',
  'NCMC_CHROMIUM',
  'NCMC_DEBUG',
  'NCMC_RUN_HANDLE',
  'NCMC_PLAYWRIGHT_REPORT_DIR',
  'NCMC_PLAYWRIGHT_BLOB_FILE',
  'NCMC_MUTANT_USERNAME',
  'NCMC_MUTANT_PASSWORD',
]

/** Other ways to give servers than `targets`. */
const SERVER_OPTIONS = ['serverUrl', 'serverCommand', 'serverImage']

/** A value and the name that the user gave it by: a flag, a variable, a member of a file. */
export interface SourcedValue {
  readonly value: unknown
  readonly origin: string
}

export type SourcedValues = ReadonlyMap<OptionKey, SourcedValue>

/**
 * Options among the parsed flags. Flags that are no options of a run (`help`, `config`) are left alone.
 *
 * @param flags flag name without dashes to its text, truth, or list of texts.
 * @throws {UsageError} when a flag that takes one value was given more than once.
 */
export function valuesOfFlags(flags: Readonly<Record<string, unknown>>): SourcedValues {
  const values = new Map<OptionKey, SourcedValue>()
  for (const option of RUN_OPTIONS) {
    const given = flags[option.flag]
    if (given === undefined || option.meta.secret === true || option.meta.fileOnly === true) continue
    const origin = `--${option.flag}`
    if (option.type !== 'array' && Array.isArray(given)) {
      throw new UsageError('NCMC_USAGE', `${origin} was given ${given.length} times; it takes one value`)
    }
    const value = Array.isArray(given)
      ? given.flatMap((text) => fromText(option, String(text), 'flag'))
      : fromText(option, given, 'flag')
    values.set(option.key, { value, origin })
  }
  return values
}

/**
 * Options in the environment. An empty variable counts as absent.
 *
 * @throws {UsageError} `NCMC_UNKNOWN_NAME` for an `NCMC_` variable that does not exist.
 */
export function valuesOfEnvironment(env: NodeJS.ProcessEnv): SourcedValues {
  const values = new Map<OptionKey, SourcedValue>()
  const options = RUN_OPTIONS.filter(({ meta }) => meta.fileOnly !== true)
  const known = [...options.map(({ variable }) => variable), ...OTHER_VARIABLES]
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('NCMC_') || text === undefined || text === '') continue
    if (!known.includes(name)) {
      throw unknownName('there is no environment variable', name, known, 'see --help')
    }
    const option = options.find(({ variable }) => variable === name)
    if (option !== undefined) {
      values.set(option.key, { value: fromText(option, text, 'environment'), origin: name })
    }
  }
  return values
}

/** @throws {UsageError} `NCMC_UNKNOWN_NAME` for a member that is no option; for servers that are given in two ways. */
export function valuesOfFile(file: ConfigFile | undefined): SourcedValues {
  const values = new Map<OptionKey, SourcedValue>()
  const known = RUN_OPTIONS.map(({ key }) => key)
  const other = SERVER_OPTIONS.find((name) => file?.values[name] !== undefined)
  if (file?.values['targets'] !== undefined && other !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${file.name} gives servers in "targets" and in "${other}"; keep one of them`,
    )
  }
  for (const [name, value] of Object.entries(file?.values ?? {})) {
    // Editors complete the file by it.
    if (name === '$schema') continue
    const key = known.find((candidate) => candidate === name)
    if (key === undefined) {
      throw unknownName(
        `${file?.name ?? ''}: there is no option`,
        name,
        known,
        `valid are ${known.join(', ')}`,
      )
    }
    const isList = RUN_OPTIONS.some((option) => option.key === key && option.type === 'array')
    values.set(key, {
      value: isList && typeof value === 'string' ? [value] : value,
      origin: `"${name}" in ${file?.name ?? ''}`,
    })
  }
  return values
}

/** Texts of the wrong form stay as they are: the schema then says what was expected. */
function fromText(option: OptionDescription, given: unknown, source: 'flag' | 'environment'): unknown {
  if (typeof given !== 'string') return given
  switch (option.type) {
    case 'string':
    case 'object':
      return given
    case 'integer':
      return /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given
    case 'boolean':
      return (
        { true: true, '1': true, yes: true, false: false, '0': false, no: false }[given.toLowerCase()] ??
        given
      )
    case 'array': {
      if (option.meta.separator === 'lines' && source === 'flag') return [given]
      const separator = option.meta.separator === 'lines' ? '\n' : ','
      return given
        .split(separator)
        .map((item) => item.trim())
        .filter((item) => item !== '')
    }
  }
}
