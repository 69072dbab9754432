import type { LaunchSpec } from './engine/handle.js'
import type { Redactor } from './evidence/redactor.js'
import type { Mode, ServerEnv } from './servers/server.js'

type Variables = Readonly<Record<string, string>>

/** Variables that the user gives a server, over those that every server gets. */
export function addUserEnvironment(usual: ServerEnv, spec: LaunchSpec): ServerEnv {
  return spec.kind === 'reference' || spec.env === undefined ? usual : { ...usual, ...spec.env }
}

/**
 * Fills `{port}` and `{mode}` in, in the variables that the user gave. What a check gave in their place stays as it is.
 */
export function withUserEnvironment(
  env: ServerEnv,
  given: Variables | undefined,
  values: { readonly port: number; readonly mode: Mode },
): ServerEnv & Record<string, string> {
  const filled = Object.entries(env as unknown as Variables).map(([name, value]) => [
    name,
    given?.[name] === value ? fillIn(value, values) : value,
  ])
  return Object.fromEntries(filled) as ServerEnv & Record<string, string>
}

/** `{port}` and `{mode}` in a text of the user's. */
export function fillIn(text: string, values: { readonly port: number; readonly mode: Mode }): string {
  return text.replaceAll('{port}', String(values.port)).replaceAll('{mode}', values.mode)
}

/** Makes secrets known that the user gave a server. */
export function learnUserSecrets(redactor: Redactor, spec: LaunchSpec | undefined): void {
  if (spec === undefined || spec.kind === 'reference') return
  for (const name of spec.secretEnv ?? []) {
    const value = spec.env?.[name]
    if (value !== undefined) redactor.learn('server_env', value)
  }
}
