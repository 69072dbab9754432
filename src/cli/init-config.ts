import type { Config } from '../config/define-config.js'
import { modeAndValue } from '../config/mode-value.js'
import { resolveStack } from '../config/options.js'
import { readOptions } from '../config/read-options.js'
import { RUN_OPTIONS, type OptionKey, type RunInput } from '../config/schema.js'
import { valuesOfFlags, type SourcedValue } from '../config/sources.js'
import { UsageError } from '../errors.js'
import { MODES, type Mode } from '../servers/server.js'
import type { Flags } from './command.js'

/** Options that belong to one run, not to a project. */
const OF_ONE_RUN: readonly OptionKey[] = ['shard', 'mutant', 'fresh', 'quiet', 'check']
const SERVERS = [
  ['serverUrl', 'url'],
  ['serverCommand', 'command'],
  ['serverImage', 'image'],
] as const

/** Whether a configuration file of a project may hold an option. */
export function isForProject(key: OptionKey): boolean {
  return !OF_ONE_RUN.includes(key)
}

/**
 * What flags say, as a configuration file says it: only what was given, servers under `targets`.
 *
 * @throws {UsageError} for wrong values, as `run` does.
 */
export function configOfFlags(flags: Flags): Config {
  const values = valuesOfFlags(flags)
  const input = readOptions(values)
  const targets: Partial<Record<Mode, NonNullable<NonNullable<Config['targets']>[Mode]>>> = {}
  for (const [key, member] of SERVERS) {
    for (const text of textsOf(input[key])) {
      const { mode, value } = modeAndValue(text.trim())
      const modes = mode !== undefined ? [mode] : MODES.filter((one) => isWanted(one, input.mode))
      for (const one of modes) {
        if (targets[one]?.[member] !== undefined)
          throw new UsageError(
            'NCMC_USAGE',
            `${originOf(key)}: ${one} mode was given two servers; give each mode one`,
          )
        targets[one] = { ...targets[one], [member]: value }
      }
    }
  }
  const servers: readonly OptionKey[] = SERVERS.map(([key]) => key)
  const given = [...values.keys()].filter((key) => !servers.includes(key)).map((key) => [key, input[key]])
  return {
    ...(Object.fromEntries(given) as Config),
    ...(Object.keys(targets).length === 0 ? {} : { targets }),
  }
}

/** Flags are texts; only a file has entries that are more. */
function textsOf(entries: RunInput['serverImage']): readonly string[] {
  return entries.filter((entry) => typeof entry === 'string')
}

function isWanted(mode: Mode, chosen: RunInput['mode']): boolean {
  return chosen === undefined || chosen === 'both' || chosen === mode
}

/**
 * Looks at a configuration as `run` will, so that no file is written that `run` refuses. Secrets are not asked for.
 *
 * @param file name of the file that is to be written, for errors.
 * @param env where `serverEnv` takes values from; a name that is not set there is set later.
 * @throws {UsageError} as `run` does.
 */
export function checkConfig(config: Config, file: string, env: NodeJS.ProcessEnv, cwd: string): void {
  const { $schema: _, ...options } = config
  const values = new Map(
    Object.entries(options).map(([key, value]): [OptionKey, SourcedValue] => [
      key as OptionKey,
      { value, origin: originOf(key) },
    ]),
  )
  const input = { alicePassword: 'later', bobPassword: 'later', ...readOptions(values) }
  const later = Object.fromEntries(
    input.serverEnv
      .map((text) => modeAndValue(text).value.trim())
      .filter((text) => !text.includes('='))
      .map((name) => [name, 'later']),
  )
  resolveStack(input, { ...later, ...env }, cwd, file)
}

/** Answers and flags have the same names. */
function originOf(key: string): string {
  return `--${RUN_OPTIONS.find((option) => option.key === key)?.flag ?? key}`
}

/** `nc-mcp-conformance.config.json`. */
export function renderJsonConfig(config: Config, schema: string): string {
  return `${JSON.stringify({ $schema: schema, ...config }, null, 2)}\n`
}

/** `nc-mcp-conformance.config.ts`. */
export function renderTypeScriptConfig(config: Config): string {
  return `import { defineConfig } from 'nc-mcp-conformance'

// Every option is one of \`nc-mcp-conformance run --help\`, in camel case; passwords come from the environment.
// In a target's command and env: {{nextcloud.url}}, {{port}}, {{user.name}}, {{user.password}}, {{server.url}}, {{cwd}}.
export default defineConfig(${literal(config, '')})
`
}

function literal(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return stringLiteral(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, inner)).join(', ')}]`
  const members = Object.entries(value).map(
    ([name, member]) =>
      `${inner}${/^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name)}: ${literal(member, inner)},\n`,
  )
  return members.length === 0 ? '{}' : `{\n${members.join('')}${indent}}`
}

/** With single quotes, unless that needs more escapes. */
function stringLiteral(value: unknown): string {
  const json = JSON.stringify(value)
  const isSimple =
    typeof value === 'string' && !/['\\]/.test(value) && !/[\u0000-\u001f\u2028\u2029]/.test(value)
  return isSimple ? `'${value}'` : json
}
