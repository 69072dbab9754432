import { z } from 'zod'
import { UsageError } from '../errors.js'
import type { Delay } from '../nextcloud/embedded/consistency.js'
import { CAUSES, type Cause } from '../race/model.js'
import type { RemedyDefinition } from '../race/remedies/remedy.js'
import { parseDelayRange, parseLag } from './duration.js'
import { describeIssue } from './issue.js'
import { resolveRemedies } from './race-remedies.js'
import { optionMeta, type OptionMeta } from './schema.js'

/** What is measured unless `--cause` says otherwise. */
const DEFAULT_CAUSES: readonly Cause[] = ['none', 'client-lag', 'replica-lag']

/** Every option of `race` that no other command has: the one source of its flags, defaults and help. */
export const raceOptionsSchema = z.strictObject({
  cause: z
    .array(z.enum([...CAUSES, 'all']))
    .default([])
    .describe(`why first authorizations fail (repeatable): ${CAUSES.join(', ')}, or all`)
    .register(optionMeta, { placeholder: '<cause>', noun: 'cause' }),
  remedy: z
    .array(z.string())
    .default([])
    .describe(
      'what a server does against it (repeatable): a name, several joined by +, or a module of yours; by default all of our own',
    )
    .register(optionMeta, { placeholder: '<name>|<module.mjs>' }),
  lag: z
    .string()
    .default('2s')
    .describe('how late writes are seen, where that is the cause; or how slow a slow Nextcloud is')
    .register(optionMeta, { placeholder: '<duration>|uniform:<least>:<most>|log-normal:<median>:<sigma>' }),
  delay: z
    .string()
    .default('0..5s')
    .describe('how long after a write the steps that need it are tried')
    .register(optionMeta, { placeholder: '<from>..<to>' }),
  trials: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      'trials of the steps and of each remedy, per cause; by default 200, and 10 on a Nextcloud that runs',
    )
    .register(optionMeta, { placeholder: '<n>' }),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(1)
    .describe('whole number that everything random is drawn from: the same seed gives the same numbers')
    .register(optionMeta, { placeholder: '<n>' }),
  concurrency: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('sessions that start together')
    .register(optionMeta, { placeholder: '<n>' }),
  budget: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('registrations that a Nextcloud that runs may be asked for; by default as many as it takes')
    .register(optionMeta, { placeholder: '<n>' }),
  keepClients: z
    .boolean()
    .default(false)
    .describe('leave the clients on a Nextcloud that runs; they are deleted otherwise'),
})

type RaceInput = z.output<typeof raceOptionsSchema>

export interface RaceOptions extends Pick<RaceInput, 'seed' | 'concurrency' | 'budget' | 'keepClients'> {
  readonly causes: readonly Cause[]
  readonly remedies: readonly RemedyDefinition[]
  readonly lag: Delay
  readonly lagText: string
  readonly delaysMs: readonly number[]
  /** As given. */
  readonly trials?: number
  /** Whether `--cause` was given. */
  readonly choosesCauses: boolean
}

/** One option of `race`, described for flags and help. */
export interface RaceOptionDescription {
  readonly key: RaceKey
  /** Without dashes. */
  readonly flag: string
  readonly type: 'string' | 'array' | 'boolean' | 'integer'
  readonly description: string
  readonly defaultText?: string
  readonly meta: OptionMeta
}

type RaceKey = keyof RaceInput

const RACE_KEYS = Object.keys(raceOptionsSchema.shape) as RaceKey[]

export const RACE_OPTIONS: readonly RaceOptionDescription[] = describeRaceOptions()

function describeRaceOptions(): RaceOptionDescription[] {
  const { properties = {} } = z.toJSONSchema(raceOptionsSchema, { io: 'input' })
  return RACE_KEYS.map((key) => {
    const property = properties[key]
    if (typeof property !== 'object') throw new TypeError(`option ${key} has no type`)
    const shown = typeof property.default === 'string' || typeof property.default === 'number'
    return {
      key,
      flag: flagOf(key),
      type: property.type as RaceOptionDescription['type'],
      description: property.description ?? '',
      ...(shown ? { defaultText: String(property.default) } : {}),
      meta: optionMeta.get(raceOptionsSchema.shape[key]) ?? {},
    }
  })
}

/**
 * The options of `race` among the parsed flags.
 *
 * @param cwd what paths of modules are relative to.
 * @throws {UsageError} naming the flag, with what it must be.
 */
export async function resolveRaceOptions(
  flags: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<RaceOptions> {
  const given = RACE_OPTIONS.flatMap((option) => {
    const value = flags[option.flag]
    return value === undefined ? [] : [[option.key, fromFlag(option, value)] as const]
  })
  const parsed = raceOptionsSchema.safeParse(Object.fromEntries(given), { reportInput: true })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const key = RACE_KEYS.find((name) => name === issue?.path[0])
    if (issue === undefined || key === undefined) throw parsed.error
    const { noun } = optionMeta.get(raceOptionsSchema.shape[key]) ?? {}
    const schema = raceOptionsSchema.shape[key]
    const place = { origin: `--${flagOf(key)}`, schema, ...(noun === undefined ? {} : { noun }) }
    throw describeIssue(issue, place, issue.path.slice(1))
  }
  const { cause, remedy, lag, delay, trials, ...rest } = parsed.data
  const named = CAUSES.filter((name) => cause.includes(name) || cause.includes('all'))
  return {
    ...rest,
    causes: cause.length === 0 ? DEFAULT_CAUSES : named,
    choosesCauses: cause.length > 0,
    remedies: await resolveRemedies(remedy, cwd),
    lag: parseLag(lag, '--lag'),
    lagText: lag,
    delaysMs: parseDelayRange(delay, '--delay'),
    ...(trials === undefined ? {} : { trials }),
  }
}

function flagOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Texts of numbers become numbers; commas part lists. What is neither stays, and the schema says what it must be. */
function fromFlag({ flag, type }: RaceOptionDescription, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (type === 'array') return value.flatMap((text) => String(text).split(',')).map((text) => text.trim())
    throw new UsageError('NCMC_USAGE', `--${flag} was given ${value.length} times; it takes one value`)
  }
  const isNumber = type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim())
  return isNumber ? Number(value) : value
}
