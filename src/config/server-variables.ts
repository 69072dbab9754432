import { UsageError, quoteUntrusted } from '../errors.js'
import type { Mode } from '../servers/server.js'
import { modeAndValue } from './mode-value.js'

/** Variables of a server as its launch takes them. */
export interface ServerVariables {
  readonly env?: Record<string, string>
  readonly secretEnv?: string[]
}

/** What the run itself says, so that the server uses the Nextcloud, the user and the port of the run. */
const OF_THE_RUN: Readonly<Record<string, string>> = {
  NEXTCLOUD_HOST: 'the run gives it: --nextcloud chooses the Nextcloud',
  NEXTCLOUD_USERNAME: 'the run gives it: --alice chooses the user',
  NEXTCLOUD_PASSWORD: 'the run gives it: NCMC_ALICE_PASSWORD chooses the password',
  NEXTCLOUD_PUBLIC_ISSUER_URL: 'the run gives it: --nextcloud chooses the Nextcloud',
  PORT: 'the run gives it: --server-image-port says where an image listens, {port} stands for it in a command',
}
const SECRET_NAME = /(PASSWORD|SECRET|TOKEN|KEY|CREDENTIALS?)$/i
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

interface Variable {
  readonly name: string
  readonly value: string
  readonly isSecret: boolean
}

/**
 * The variables that `--server-env` gives to one mode's server: those for all modes, then those for this one, then those
 * of the configuration file's own entry for the server. A value without a text here comes from our own environment and is
 * taken for a secret; so is every value whose name says so.
 *
 * @throws {UsageError} for a name that is none, is not set, or is the run's own. Values are never quoted.
 */
export function serverVariables(
  mode: Mode,
  texts: readonly string[],
  own: Readonly<Record<string, string>> | undefined,
  environment: NodeJS.ProcessEnv,
): ServerVariables {
  const given = texts.map((text) => modeAndValue(text))
  const variables = [
    ...given.filter((entry) => entry.mode === undefined),
    ...given.filter((entry) => entry.mode === mode),
  ].map(({ value }) => parseVariable(value, environment))
  for (const [name, value] of Object.entries(own ?? {})) {
    variables.push({
      name: checkedName(name, '"env" of a server'),
      value,
      isSecret: SECRET_NAME.test(name),
    })
  }
  if (variables.length === 0) return {}
  const secrets = new Set<string>()
  for (const { name, isSecret } of variables) {
    // The last one counts.
    if (isSecret) secrets.add(name)
    else secrets.delete(name)
  }
  return {
    env: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    ...(secrets.size === 0 ? {} : { secretEnv: [...secrets] }),
  }
}

function parseVariable(text: string, environment: NodeJS.ProcessEnv): Variable {
  const equals = text.indexOf('=')
  const name = checkedName(equals === -1 ? text.trim() : text.slice(0, equals).trim(), '--server-env')
  if (equals !== -1) return { name, value: text.slice(equals + 1), isSecret: SECRET_NAME.test(name) }
  const value = environment[name]
  if (value === undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `--server-env ${name}: the environment has no such variable; set it, or write --server-env ${name}=<value>`,
    )
  }
  return { name, value, isSecret: true }
}

function checkedName(name: string, origin: string): string {
  if (!NAME.test(name)) {
    throw new UsageError(
      'NCMC_USAGE',
      `${origin}: ${name === '' ? 'a variable has no name' : `${quoteUntrusted(name, 60)} is no name of a variable`}; write NAME=<value>, or NAME to take it from the environment`,
    )
  }
  const reason = OF_THE_RUN[name]
  if (reason !== undefined) throw new UsageError('NCMC_USAGE', `${origin}: ${name} cannot be set; ${reason}`)
  return name
}
