import { hashPassword } from '../../embedded/password-hash.js'
import { sayTable, type CommandContext, type OccCommand } from './command.js'

const PASSWORD_OPTION = { 'password-from-env': 'flag' } as const
const USER_ID = /^[a-zA-Z0-9 _.@'-]+$/
/** What the password policy app asks for by default. */
const SHORTEST_PASSWORD = 10

const add: OccCommand = {
  name: 'user:add',
  arguments: ['uid'],
  options: {
    ...PASSWORD_OPTION,
    'display-name': 'value',
    email: 'value',
    group: 'value',
    'generate-password': 'flag',
  },
  run: (context) => {
    const { input, state, say } = context
    const userId = input.argument('uid') ?? ''
    if (state.users[userId] !== undefined) {
      say(`The account "${userId}" already exists.`)
      return 1
    }
    if (!USER_ID.test(userId) || userId.trim() !== userId) {
      say('Only the following characters are allowed in an Login: "a-z", "A-Z", "0-9", spaces and "_.@-\'"')
      return 1
    }
    const password = passwordFromEnv(context)
    if (password === undefined) return 1
    const displayName = input.option('display-name')
    const email = input.option('email')
    const validEmail = email === undefined || /^[^@\s]+@[^@\s]+$/.test(email)
    state.users[userId] = {
      displayName: displayName ?? userId,
      email: validEmail ? (email ?? '') : '',
      passwordHash: hashPassword(password),
    }
    say(`The account "${userId}" was created successfully`)
    if (displayName !== undefined) say(`Display name set to "${displayName}"`)
    if (validEmail) return 0
    say(`The given email address "${email}" is invalid. Email not set for the user.`)
    return 1
  },
}

const resetPassword: OccCommand = {
  name: 'user:resetpassword',
  arguments: ['user'],
  options: PASSWORD_OPTION,
  run: (context) => {
    const { input, state, say } = context
    const userId = input.argument('user') ?? ''
    const user = state.users[userId]
    if (user === undefined) {
      say('User does not exist')
      return 1
    }
    const password = passwordFromEnv(context)
    if (password === undefined) return 1
    user.passwordHash = hashPassword(password)
    say(`Successfully reset password for ${userId}`)
    return 0
  },
}

/** Nobody can be asked here, so that a password comes from the environment or not at all. */
function passwordFromEnv({ input, env, say }: CommandContext): string | undefined {
  if (input.option('password-from-env') === undefined) {
    say('Interactive input or --password-from-env is needed for setting a new password!')
    return undefined
  }
  const password = env['NC_PASS'] ?? env['OC_PASS'] ?? ''
  if (password === '') {
    say('--password-from-env given, but NC_PASS/OC_PASS is empty!')
    return undefined
  }
  if (password.length >= SHORTEST_PASSWORD) return password
  say(`Password needs to be at least ${SHORTEST_PASSWORD} characters long.`)
  return undefined
}

const list: OccCommand = {
  name: 'user:list',
  options: { limit: 'value', offset: 'value', info: 'flag', disabled: 'flag' },
  run: (context) => {
    const offset = Number(context.input.option('offset') ?? 0)
    const limit = Number(context.input.option('limit') ?? 500)
    const users = Object.entries(context.state.users).slice(offset, offset + limit)
    sayTable(context, Object.fromEntries(users.map(([userId, { displayName }]) => [userId, displayName])))
    return 0
  },
}

const info: OccCommand = {
  name: 'user:info',
  arguments: ['user'],
  run: (context) => {
    const userId = context.input.argument('user') ?? ''
    const user = context.state.users[userId]
    if (user === undefined) {
      context.say('user not found')
      return 1
    }
    sayTable(context, {
      user_id: userId,
      display_name: user.displayName,
      email: user.email,
      cloud_id: '',
      enabled: true,
      quota: 'none',
      backend: 'Database',
    })
    return 0
  },
}

const remove: OccCommand = {
  name: 'user:delete',
  arguments: ['uid'],
  run: ({ input, state, say }) => {
    const userId = input.argument('uid') ?? ''
    if (state.users[userId] === undefined) {
      say('User does not exist')
      return 0
    }
    state.users = Object.fromEntries(Object.entries(state.users).filter(([known]) => known !== userId))
    say('The specified user was deleted')
    return 0
  },
}

const setting: OccCommand = {
  name: 'user:setting',
  arguments: ['uid', 'app?', 'key?', 'value?'],
  options: { delete: 'flag', 'update-only': 'flag', 'default-value': 'value', 'ignore-missing-user': 'flag' },
  run: (context) => {
    const { input, state, say } = context
    const userId = input.argument('uid') ?? ''
    const user = state.users[userId]
    if (user === undefined && input.option('ignore-missing-user') === undefined) {
      say(`The user "${userId}" does not exist.`)
      return 1
    }
    const app = input.argument('app')
    const name = input.argument('key')
    const value = input.argument('value')
    const all: Record<string, string> = {
      ...(state.preferences[userId] ?? {}),
      ...(user === undefined
        ? {}
        : { 'settings/display_name': user.displayName, 'settings/email': user.email }),
    }
    if (app === undefined || name === undefined) {
      const wanted = Object.entries(all).filter(([key]) => app === undefined || key.startsWith(`${app}/`))
      sayTable(context, Object.fromEntries(wanted))
      return 0
    }
    const key = `${app}/${name}`
    if (input.option('delete') !== undefined || value !== undefined) {
      put(context, userId, key, input.option('delete') === undefined ? value : undefined)
      return 0
    }
    const known = all[key] ?? input.option('default-value')
    say(known ?? `The setting does not exist for user "${userId}".`)
    return known === undefined ? 1 : 0
  },
}

function put({ state }: CommandContext, userId: string, key: string, value: string | undefined): void {
  const user = state.users[userId]
  if (user !== undefined && key === 'settings/display_name') user.displayName = value ?? userId
  else if (user !== undefined && key === 'settings/email') user.email = value ?? ''
  else {
    const others = Object.entries(state.preferences[userId] ?? {}).filter(([known]) => known !== key)
    state.preferences[userId] = Object.fromEntries(value === undefined ? others : [...others, [key, value]])
  }
}

export const USER_COMMANDS: readonly OccCommand[] = [add, resetPassword, list, info, remove, setting]
