import { appFolder, BUNDLED_APPS, storeVersions, versionInFolder, writeStandIn } from '../app-folders.js'
import { asJson, type CommandContext, type OccCommand } from './command.js'

const install: OccCommand = {
  name: 'app:install',
  arguments: ['app-id'],
  options: { 'keep-disabled': 'flag', force: 'flag', 'allow-unstable': 'flag' },
  run: (context) => {
    const { input, state, say } = context
    const appId = input.argument('app-id') ?? ''
    if (state.apps[appId] !== undefined) {
      say(`${appId} already installed`)
      return 1
    }
    const version = obtain(context, appId)
    if (version === undefined) {
      say(`Error: Could not download app ${appId}`)
      return 1
    }
    const enabled = input.option('keep-disabled') === undefined
    state.apps[appId] = { version, enabled }
    say(`${appId} ${version} installed`)
    if (enabled) say(`${appId} enabled`)
    return 0
  },
}

const enable: OccCommand = {
  name: 'app:enable',
  arguments: ['app-id*'],
  options: { force: 'flag', groups: 'value' },
  run: (context) => {
    let exitCode = 0
    for (const appId of context.input.list('app-id')) exitCode = Math.max(exitCode, enableOne(context, appId))
    return exitCode
  },
}

function enableOne(context: CommandContext, appId: string): number {
  const { state, say } = context
  if (state.apps[appId]?.enabled === true) {
    say(`${appId} already enabled`)
    return 0
  }
  const version = obtain(context, appId)
  if (version === undefined) {
    say(`Could not download app ${appId}`)
    return 1
  }
  state.apps[appId] = { version, enabled: true }
  say(`${appId} ${version} enabled`)
  return 0
}

/** The version of an app that is there, or is now put there from the "app store"; `undefined` when it knows none. */
function obtain({ webRoot, profile, state }: CommandContext, appId: string): string | undefined {
  const folder = /^[a-z0-9_]+$/.test(appId) ? appFolder(webRoot, appId) : undefined
  if (folder !== undefined) return versionInFolder(folder)
  const bundled = Object.hasOwn(BUNDLED_APPS, appId) ? BUNDLED_APPS[appId] : undefined
  if (bundled !== undefined) return state.apps[appId]?.version ?? bundled
  const versions = storeVersions(profile)
  const version = Object.hasOwn(versions, appId) ? versions[appId] : undefined
  if (version !== undefined) writeStandIn(webRoot, appId, version, profile)
  return version
}

const disable: OccCommand = {
  name: 'app:disable',
  arguments: ['app-id*'],
  run: ({ input, state, say }) => {
    for (const appId of input.list('app-id')) {
      const app = state.apps[appId]
      if (app?.enabled !== true) {
        say(`No such app enabled: ${appId}`)
        continue
      }
      app.enabled = false
      say(`${appId} ${app.version} disabled`)
    }
    return 0
  },
}

const list: OccCommand = {
  name: 'app:list',
  options: { enabled: 'flag', disabled: 'flag', shipped: 'value' },
  run: (context) => {
    const { input, state, say } = context
    const only = (enabled: boolean): Record<string, string> =>
      Object.fromEntries(
        Object.entries(state.apps)
          .filter(([, app]) => app.enabled === enabled)
          .map(([appId, { version }]): [string, string] => [appId, version])
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    const all = input.option('enabled') === undefined && input.option('disabled') === undefined
    const groups: Record<string, Record<string, string>> = {
      ...(all || input.option('enabled') !== undefined ? { enabled: only(true) } : {}),
      ...(all || input.option('disabled') !== undefined ? { disabled: only(false) } : {}),
    }
    const json = asJson(context, groups)
    if (json !== undefined) {
      say(json)
      return 0
    }
    for (const [name, apps] of Object.entries(groups)) {
      say(name === 'enabled' ? 'Enabled:' : 'Disabled:')
      for (const [appId, version] of Object.entries(apps)) say(`  - ${appId}: ${version}`)
    }
    return 0
  },
}

const getPath: OccCommand = {
  name: 'app:getpath',
  arguments: ['app'],
  run: ({ input, webRoot, say }) => {
    const folder = appFolder(webRoot, input.argument('app') ?? '')
    if (folder === undefined) return 1
    say(folder)
    return 0
  },
}

export const APP_COMMANDS: readonly OccCommand[] = [install, enable, disable, list, getPath]
