import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, quoteUntrusted } from '../../errors.js'
import type { NextcloudUser } from '../nextcloud.js'

const WEB_ROOT = '/var/www/html'

/** Nextcloud's own command, run inside its container. Every method throws `NCMC_CONTAINER_FAILED` when it fails. */
export interface Occ {
  /** Any command; answers its standard output. Secrets go into `env`, never into `args`. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** Installed and enabled apps: id to version. */
  enabledApps(): Promise<Readonly<Record<string, string>>>
  /** `null` deletes the key. */
  setAppConfig(app: string, key: string, value: string | null): Promise<void>
  /** One key, or a path of keys, e.g. `['trusted_domains', '1']`. The type follows the value's. */
  setSystemConfig(key: string | readonly string[], value: string | number | boolean): Promise<void>
  /** Creates the user, or gives the one of that id this password, name and address. */
  putUser(user: NextcloudUser): Promise<void>
  setUserPassword(userId: string, password: string): Promise<void>
  /** E.g. `32.0.2`. */
  version(): Promise<string>
}

export function createOcc(container: StartedTestContainer): Occ {
  const run: Occ['run'] = async (args, env = {}) => {
    const { exitCode, stdout, output } = await container.exec(['php', 'occ', '--no-interaction', ...args], {
      user: 'www-data',
      workingDir: WEB_ROOT,
      env: { ...env },
    })
    if (exitCode !== 0) {
      throw new HarnessError(
        'NCMC_CONTAINER_FAILED',
        `occ ${args[0] ?? ''} ended with ${exitCode}: ${quoteUntrusted(output.trim().slice(-300))}`,
        { details: { command: args[0], exitCode, output } },
      )
    }
    return stdout
  }
  const json = async (args: readonly string[]): Promise<Record<string, unknown>> => {
    const text = await run(args)
    try {
      return JSON.parse(text) as Record<string, unknown>
    } catch (cause) {
      throw new HarnessError(
        'NCMC_CONTAINER_FAILED',
        `occ ${args[0] ?? ''} answered no JSON: ${quoteUntrusted(text)}`,
        { cause },
      )
    }
  }
  const setUserPassword: Occ['setUserPassword'] = async (userId, password) => {
    await run(['user:resetpassword', '--password-from-env', '--', userId], passwordEnvironment(password))
  }
  return {
    run,
    setUserPassword,
    enabledApps: async () => {
      const { enabled } = await json(['app:list', '--output=json'])
      return (enabled ?? {}) as Record<string, string>
    },
    setAppConfig: async (app, key, value) => {
      await run(
        value === null
          ? ['config:app:delete', '--', app, key]
          : ['config:app:set', `--value=${value}`, '--', app, key],
      )
    },
    setSystemConfig: async (key, value) => {
      const type = { string: 'string', number: 'integer', boolean: 'boolean' }[
        typeof value as 'string' | 'number' | 'boolean'
      ]
      const path = typeof key === 'string' ? [key] : key
      await run(['config:system:set', `--type=${type}`, `--value=${String(value)}`, '--', ...path])
    },
    putUser: async (user) => {
      if (await exists(container, user.userId)) {
        await setUserPassword(user.userId, user.password)
        await run(['user:setting', '--', user.userId, 'settings', 'display_name', user.displayName])
        if (user.email !== '') await run(['user:setting', '--', user.userId, 'settings', 'email', user.email])
        return
      }
      await run(
        [
          'user:add',
          '--password-from-env',
          `--display-name=${user.displayName}`,
          ...(user.email === '' ? [] : [`--email=${user.email}`]),
          '--',
          user.userId,
        ],
        passwordEnvironment(user.password),
      )
    },
    version: async () => {
      const { versionstring } = await json(['status', '--output=json'])
      return typeof versionstring === 'string' ? versionstring : 'unknown'
    },
  }
}

/** The name was changed in Nextcloud 31; the old one is still read by all. */
function passwordEnvironment(password: string): Record<string, string> {
  return { OC_PASS: password, NC_PASS: password }
}

async function exists(container: StartedTestContainer, userId: string): Promise<boolean> {
  const { exitCode } = await container.exec(['php', 'occ', '--no-interaction', 'user:info', '--', userId], {
    user: 'www-data',
    workingDir: WEB_ROOT,
  })
  return exitCode === 0
}
