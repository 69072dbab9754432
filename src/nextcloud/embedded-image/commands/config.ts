import type { SystemValue } from '../../embedded/system-config.js'
import { ConsoleError } from '../console-input.js'
import { asJson, type CommandContext, type OccCommand } from './command.js'

type Draft = Record<string, SystemValue>

const appSet: OccCommand = {
  name: 'config:app:set',
  arguments: ['app', 'name'],
  options: {
    value: 'value',
    type: 'value',
    lazy: 'flag',
    sensitive: 'flag',
    internal: 'flag',
    'update-only': 'flag',
  },
  run: ({ input, state, say, complain }) => {
    const app = input.argument('app') ?? ''
    const name = input.argument('name') ?? ''
    const value = input.option('value')
    if (value === undefined) {
      complain('The "--value" option requires a value.')
      return 1
    }
    const values = (state.appConfig[app] ??= {})
    if (input.option('update-only') !== undefined && values[name] === undefined) {
      say(`Config value ${name} for app ${app} not updated, as it has not been set before.`)
      return 1
    }
    values[name] = value
    say(
      `Config value '${name}' for app '${app}' is now set to '${value}', stored as ${input.option('type') ?? 'mixed'} in fast cache`,
    )
    return 0
  },
}

const appGet: OccCommand = {
  name: 'config:app:get',
  arguments: ['app', 'name'],
  options: { 'default-value': 'value', details: 'flag' },
  run: (context) => {
    const { input, state, say } = context
    const value =
      state.appConfig[input.argument('app') ?? '']?.[input.argument('name') ?? ''] ??
      input.option('default-value')
    if (value === undefined) return 1
    say(asJson(context, value) ?? value)
    return 0
  },
}

const appDelete: OccCommand = {
  name: 'config:app:delete',
  arguments: ['app', 'name'],
  options: { 'error-if-not-exists': 'flag' },
  run: ({ input, state, say }) => {
    const app = input.argument('app') ?? ''
    const name = input.argument('name') ?? ''
    if (state.appConfig[app]?.[name] === undefined && input.option('error-if-not-exists') !== undefined) {
      say(`Config ${name} of app ${app} could not be deleted because it did not exist`)
      return 1
    }
    state.appConfig[app] = without(state.appConfig[app] ?? {}, name)
    say(`Config value ${name} of app ${app} deleted`)
    return 0
  },
}

const systemSet: OccCommand = {
  name: 'config:system:set',
  arguments: ['name*'],
  options: { type: 'value', value: 'value', 'update-only': 'flag' },
  run: ({ input, state, say }) => {
    const path = input.list('name')
    const type = input.option('type') ?? 'string'
    const value = typed(type, input.option('value'))
    if (input.option('update-only') !== undefined && valueAt(state.system, path) === undefined) {
      say('Cannot set config: the value has not been set before')
      return 1
    }
    state.system = setAt(state.system, path, value)
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
    say(`System config value ${path.join(' => ')} set to ${type} ${shown}`)
    return 0
  },
}

const systemGet: OccCommand = {
  name: 'config:system:get',
  arguments: ['name*'],
  options: { 'default-value': 'value' },
  run: (context) => {
    const { input, state, say } = context
    const known = valueAt(state.system, input.list('name'))
    const value = known === undefined ? input.option('default-value') : known
    if (value === undefined) return 1
    const json = asJson(context, value)
    if (json !== undefined) say(json)
    else if (typeof value !== 'object' || value === null) say(String(value))
    else if (Array.isArray(value)) for (const entry of value) say(String(entry))
    else for (const [key, entry] of Object.entries(value)) say(listLine(key, entry))
    return 0
  },
}

/** Lists are shown without their keys. */
function listLine(key: string, entry: SystemValue): string {
  return /^\d+$/.test(key) && typeof entry !== 'object' ? String(entry) : `${key}: ${JSON.stringify(entry)}`
}

const systemDelete: OccCommand = {
  name: 'config:system:delete',
  arguments: ['name*'],
  options: { 'error-if-not-exists': 'flag' },
  run: ({ input, state, say }) => {
    const path = input.list('name')
    if (valueAt(state.system, path) === undefined) {
      if (input.option('error-if-not-exists') === undefined) return 0
      say(`System config ${path.join(' => ')} could not be deleted because it did not exist`)
      return 1
    }
    state.system = deleteAt(state.system, path)
    say(`System config value ${path.join(' => ')} deleted`)
    return 0
  },
}

const list: OccCommand = {
  name: 'config:list',
  arguments: ['app?'],
  options: { private: 'flag' },
  run: (context) => {
    const wanted = context.input.argument('app') ?? 'all'
    const { system, appConfig } = context.state
    const shown = {
      ...(['all', 'system'].includes(wanted) ? { system: listed(context, system) } : {}),
      ...(wanted === 'system'
        ? {}
        : { apps: wanted === 'all' ? appConfig : { [wanted]: appConfig[wanted] ?? {} } }),
    }
    context.say(asJson(context, shown) ?? JSON.stringify(shown, null, 4))
    return 0
  },
}

/** What only `--private` shows. */
const SENSITIVE = ['secret', 'passwordsalt', 'dbpassword', 'instanceid']

function listed({ input }: CommandContext, system: Draft): Draft {
  if (input.option('private') !== undefined) return system
  return Object.fromEntries(
    Object.entries(system).map(([key, value]) => [
      key,
      SENSITIVE.includes(key) ? '***REMOVED SENSITIVE VALUE***' : value,
    ]),
  )
}

function typed(type: string, value: string | undefined): SystemValue {
  switch (type) {
    case 'integer':
    case 'double': {
      const number = Number(value ?? Number.NaN)
      if (Number.isNaN(number) || value === '') throw new ConsoleError(`Non-numeric value specified`)
      return type === 'integer' ? Math.trunc(number) : number
    }
    case 'boolean':
      if (value?.toLowerCase() === 'true') return true
      if (value?.toLowerCase() === 'false') return false
      throw new ConsoleError('Unable to parse value as boolean')
    case 'null':
      return null
    case 'string':
      return value ?? ''
    case 'json':
      try {
        return JSON.parse(value ?? '') as SystemValue
      } catch {
        throw new ConsoleError('Unable to parse value as JSON')
      }
    default:
      throw new ConsoleError('Invalid type')
  }
}

function valueAt(system: SystemValue, path: readonly string[]): SystemValue | undefined {
  let value: SystemValue | undefined = system
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Draft)[key]
  }
  return value
}

function setAt(system: SystemValue | undefined, path: readonly string[], value: SystemValue): Draft {
  const [key = '', ...rest] = path
  const entries = typeof system === 'object' && system !== null ? { ...(system as Draft) } : {}
  const changed = rest.length === 0 ? value : setAt(entries[key], rest, value)
  return { ...entries, [key]: changed }
}

function deleteAt(system: SystemValue | undefined, path: readonly string[]): Draft {
  const [key = '', ...rest] = path
  const entries = { ...(system as Draft) }
  return rest.length === 0 ? without(entries, key) : { ...entries, [key]: deleteAt(entries[key], rest) }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}

export const CONFIG_COMMANDS: readonly OccCommand[] = [
  appSet,
  appGet,
  appDelete,
  systemSet,
  systemGet,
  systemDelete,
  list,
]
