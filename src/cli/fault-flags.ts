import { unknownName } from '../config/names.js'
import { quoteUntrusted, UsageError } from '../errors.js'
import type { Delay, PropagationLag } from '../nextcloud/embedded/consistency.js'
import { faultSchema } from '../nextcloud/embedded/fault-schema.js'
import { lagSchema } from '../nextcloud/embedded/lag-schema.js'
import { FAULT_KINDS, FAULT_SCOPES, type Fault } from '../nextcloud/nextcloud.js'
import { textFlag } from './flags.js'
import type { Flag, Flags } from './command.js'

/** Flags that make a Nextcloud misbehave; read them with {@link faultsFlag} and {@link lagFlag}. */
export const FAULT_FLAGS: readonly Flag[] = [
  {
    name: 'fault',
    type: 'array',
    description:
      'make a part of it fail (repeatable); after the kind may follow ,user= ,times= ,delay-ms= ,retry-after-seconds= ,location=',
    placeholder: '<scope>=<kind>',
  },
  {
    name: 'lag',
    type: 'array',
    description:
      'show what was written late (repeatable): client, redirect-uri, code, token, session, registration-token, or replica',
    placeholder: '<view>=<ms>|uniform:<min>:<max>|log-normal:<median>:<sigma>',
  },
  {
    name: 'seed',
    type: 'string',
    description: 'whole number that the random delays of --lag are drawn from',
    placeholder: '<n>',
    defaultText: '1',
  },
]

const FAULT_MEMBERS = {
  user: 'userId',
  times: 'times',
  'delay-ms': 'delayMs',
  'retry-after-seconds': 'retryAfterSeconds',
  location: 'location',
} as const
const TEXT_MEMBERS: ReadonlySet<string> = new Set(['user', 'location'])
const FAULT_EXAMPLE = '--fault notes=status-429,times=3'

const VIEW_MEMBERS = {
  client: 'client',
  'redirect-uri': 'redirectUri',
  code: 'code',
  token: 'token',
  session: 'session',
  'registration-token': 'registrationToken',
  replica: 'replica',
} as const
const LAG_EXAMPLE = '--lag client=800, --lag redirect-uri=uniform:100:500 or --lag session=log-normal:300:0.5'

/** The faults of `--fault`. @throws {UsageError} with the nearest valid name, or what a value must be. */
export function faultsFlag(flags: Flags): readonly Fault[] {
  return texts(flags, 'fault').map(parseFault)
}

function parseFault(text: string): Fault {
  const [head = '', ...rest] = text.split(',')
  const [scope, kind] = pair(head, 'fault', FAULT_EXAMPLE)
  if (!FAULT_SCOPES.some((known) => known === scope)) {
    throw unknownName(
      '--fault: there is no scope',
      scope,
      FAULT_SCOPES,
      `valid are ${FAULT_SCOPES.join(', ')}`,
    )
  }
  if (!FAULT_KINDS.some((known) => known === kind)) {
    throw unknownName('--fault: there is no kind', kind, FAULT_KINDS, `valid are ${FAULT_KINDS.join(', ')}`)
  }
  const members = rest.map((part) => {
    const [name, value] = pair(part, 'fault', FAULT_EXAMPLE)
    if (!isKey(FAULT_MEMBERS, name)) {
      const names = Object.keys(FAULT_MEMBERS)
      throw unknownName('--fault: there is no member', name, names, `valid are ${names.join(', ')}`)
    }
    return [
      FAULT_MEMBERS[name],
      TEXT_MEMBERS.has(name) ? value : wholeNumber(value, `--fault: ${name}`),
    ] as const
  })
  const parsed = faultSchema.safeParse({ scope, kind, ...Object.fromEntries(members) })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = Object.entries(FAULT_MEMBERS).find(([, member]) => member === issue?.path[0])?.[0]
  throw new UsageError('NCMC_USAGE', `--fault: ${name ?? 'the fault'}: ${issue?.message ?? 'invalid'}`)
}

/** The lag of `--lag` and `--seed`; `undefined` without `--lag`. @throws {UsageError} as {@link faultsFlag}. */
export function lagFlag(flags: Flags): PropagationLag | undefined {
  const given = texts(flags, 'lag')
  const seed = textFlag(flags, 'seed')
  if (given.length === 0) {
    if (seed === undefined) return undefined
    throw new UsageError(
      'NCMC_USAGE',
      `--seed draws the delays of --lag, which is missing; e.g. ${LAG_EXAMPLE}`,
    )
  }
  const lag: Record<string, unknown> = seed === undefined ? {} : { seed: wholeNumber(seed, '--seed') }
  for (const text of given) {
    const [view, delay] = pair(text, 'lag', LAG_EXAMPLE)
    if (!isKey(VIEW_MEMBERS, view)) {
      const views = Object.keys(VIEW_MEMBERS)
      throw unknownName('--lag: there is no view', view, views, `valid are ${views.join(', ')}`)
    }
    if (VIEW_MEMBERS[view] in lag) {
      throw new UsageError('NCMC_USAGE', `--lag: ${view} was given twice; give each view one delay`)
    }
    lag[VIEW_MEMBERS[view]] = parseDelay(delay)
  }
  const parsed = lagSchema.safeParse(lag)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const member = issue?.path[0]
  const what = Object.entries(VIEW_MEMBERS).find(([, name]) => name === member)?.[0]
  throw new UsageError(
    'NCMC_USAGE',
    what === undefined
      ? '--seed must be a whole number from 0 to 4294967295'
      : `--lag: ${what}: ${issue?.message ?? 'invalid'}; e.g. ${LAG_EXAMPLE}`,
  )
}

function parseDelay(text: string): Delay {
  const [kind = '', first = '', second = '', ...more] = text.split(':')
  if (more.length === 0) {
    if (kind === 'uniform') return { kind, minMs: number(first), maxMs: number(second) }
    if (kind === 'log-normal') return { kind, medianMs: number(first), sigma: number(second) }
    if (first === '') return number(kind)
  }
  return number(text)
}

function number(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text)
  throw new UsageError('NCMC_USAGE', `--lag: ${quoteUntrusted(text, 40)} is no delay; e.g. ${LAG_EXAMPLE}`)
}

function wholeNumber(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new UsageError('NCMC_USAGE', `${what} must be a whole number, not ${quoteUntrusted(text, 40)}`)
}

function pair(text: string, flag: string, example: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals > 0 && equals < text.length - 1) {
    return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
  }
  throw new UsageError(
    'NCMC_USAGE',
    `--${flag}: ${quoteUntrusted(text, 60)} is no name=value; give e.g. ${example}`,
  )
}

function texts(flags: Flags, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? value.map(String) : []
}

function isKey<Members extends object>(members: Members, name: string): name is keyof Members & string {
  return Object.hasOwn(members, name)
}
