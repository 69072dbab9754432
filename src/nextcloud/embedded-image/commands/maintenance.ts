import { fullVersion } from '../installation.js'
import { sayTable, type CommandContext, type OccCommand } from './command.js'

/** Exit code of an upgrade that has nothing to do. */
const UP_TO_DATE = 3

const status: OccCommand = {
  name: 'status',
  options: { exit: 'flag' },
  run: (context) => {
    const { state, profile } = context
    sayTable(context, {
      installed: true,
      version: state.version,
      versionstring: profile.nextcloudVersion,
      edition: '',
      maintenance: state.system['maintenance'] === true,
      needsDbUpgrade: state.version !== fullVersion(profile),
      productname: 'Nextcloud',
      extendedSupport: false,
    })
    return 0
  },
}

const mode: OccCommand = {
  name: 'maintenance:mode',
  options: { on: 'flag', off: 'flag' },
  run: ({ input, state, say }) => {
    const now = state.system['maintenance'] === true
    const wanted = input.option('on') !== undefined || (input.option('off') === undefined && now)
    if (input.option('on') === undefined && input.option('off') === undefined) {
      say(`Maintenance mode is currently ${now ? 'enabled' : 'disabled'}`)
    } else {
      say(`Maintenance mode ${now === wanted ? 'already ' : ''}${wanted ? 'enabled' : 'disabled'}`)
      state.system = { ...state.system, maintenance: wanted }
    }
    return 0
  },
}

const updateHtaccess: OccCommand = {
  name: 'maintenance:update:htaccess',
  run: ({ say }) => {
    say('.htaccess has been updated')
    return 0
  },
}

const upgrade: OccCommand = {
  name: 'upgrade',
  run: ({ state, profile, say }) => {
    const wanted = fullVersion(profile)
    if (state.version === wanted) {
      say('Nextcloud is already latest version')
      return UP_TO_DATE
    }
    state.version = wanted
    say('Update successful')
    return 0
  },
}

const logFile: OccCommand = {
  name: 'log:file',
  options: { enable: 'flag', file: 'value', 'rotate-size': 'value' },
  run: ({ state, webRoot, say }) => {
    const file = state.system['logfile']
    say('Log backend file: enabled')
    say(`Log file: ${typeof file === 'string' ? file : `${webRoot}/data/nextcloud.log`}`)
    say('Rotate at: 100 MB')
    return 0
  },
}

function background(kind: string): OccCommand {
  return {
    name: `background:${kind}`,
    run: ({ state, say }: CommandContext) => {
      state.appConfig['core'] = { ...state.appConfig['core'], backgroundjobs_mode: kind }
      say(`Set mode for background jobs to '${kind}'`)
      return 0
    },
  }
}

export const MAINTENANCE_COMMANDS: readonly OccCommand[] = [
  status,
  mode,
  updateHtaccess,
  upgrade,
  logFile,
  ...['ajax', 'cron', 'webcron'].map(background),
]
