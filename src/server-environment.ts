import type { LaunchSpec } from './engine/handle.js'
import type { Redactor } from './evidence/redactor.js'
import type { Mode, ServerEnv } from './servers/server.js'

type Variables = Readonly<Record<string, string>>

/** Variables that the user gives a server, over those that every server gets. */
export function addUserEnvironment(usual: ServerEnv, spec: LaunchSpec): ServerEnv {
  return spec.kind === 'reference' || spec.env === undefined ? usual : { ...usual, ...spec.env }
}

/** What is known when a server is started. */
export interface LaunchValues {
  readonly port: number
  readonly mode: Mode
  /** The usual environment, as this server gets it. */
  readonly env: Partial<ServerEnv>
  /** The server's own address, without path. */
  readonly serverUrl: string
}

/** What stands for what in texts of the user's, as `{{name}}`. `{{cwd}}` is filled in before, where the folder is known. */
const TEMPLATES: Readonly<Record<string, (values: LaunchValues) => string | undefined>> = {
  'nextcloud.url': ({ env }) => env.NEXTCLOUD_HOST,
  'nextcloud.publicUrl': ({ env }) => env.NEXTCLOUD_PUBLIC_ISSUER_URL ?? env.NEXTCLOUD_HOST,
  'user.name': ({ env }) => env.NEXTCLOUD_USERNAME,
  'user.password': ({ env }) => env.NEXTCLOUD_PASSWORD,
  'client.file': ({ env }) => env.NEXTCLOUD_OIDC_CLIENT_STORAGE,
  'server.url': ({ serverUrl }) => serverUrl,
  port: ({ port }) => String(port),
  mode: ({ mode }) => mode,
}

/** Names that `{{…}}` may hold. */
export const TEMPLATE_NAMES: readonly string[] = [...Object.keys(TEMPLATES), 'cwd']

/** Words in double braces; others, such as `{{.Names}}`, belong to other programs. */
const TEMPLATE = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g

const ANY_TEMPLATE = new RegExp(`${TEMPLATE.source}|\\{(port|mode)\\}`, 'g')

/** Names in double braces in a text, whether they exist or not. */
export function templatesIn(text: string): readonly string[] {
  return [...text.matchAll(TEMPLATE)].map(([, name = '']) => name)
}

/**
 * Fills `{{…}}`, `{port}` and `{mode}` in, in the variables that the user gave. What a check gave in their place stays as
 * it is. A variable that is nothing but a template without a value (a check takes the user's name away) is not set.
 */
export function withUserEnvironment(
  env: ServerEnv,
  given: Variables | undefined,
  values: Omit<LaunchValues, 'env'> & Partial<Pick<LaunchValues, 'env'>>,
): ServerEnv & Record<string, string> {
  const usual = env as unknown as Variables
  const wanted = usual['NEXTCLOUD_MCP_SERVER_URL']
  const all = {
    ...values,
    env: values.env ?? env,
    // A check may want another address than the real one.
    ...(wanted === undefined || wanted === given?.['NEXTCLOUD_MCP_SERVER_URL'] ? {} : { serverUrl: wanted }),
  }
  const filled = Object.entries(usual).flatMap(([name, value]) => {
    if (given?.[name] !== value) return [[name, value]]
    const [only] = templatesIn(value)
    const isAll = only !== undefined && value.replace(TEMPLATE, '').trim() === ''
    return isAll && TEMPLATES[only]?.(all) === undefined && only in TEMPLATES
      ? []
      : [[name, fillIn(value, all)]]
  })
  return Object.fromEntries(filled) as ServerEnv & Record<string, string>
}

/** A text of the user's with its `{{…}}`, `{port}` and `{mode}` filled in; what is unknown stays. */
export function fillIn(text: string, values: LaunchValues): string {
  // In one pass: what is filled in may itself hold braces.
  return text.replaceAll(ANY_TEMPLATE, (written, inDouble?: string, inSingle?: string) => {
    const name = inDouble ?? inSingle ?? ''
    return Object.hasOwn(TEMPLATES, name) ? (TEMPLATES[name]?.(values) ?? '') : written
  })
}

/** Makes secrets known that the user gave a server. */
export function learnUserSecrets(redactor: Redactor, spec: LaunchSpec | undefined): void {
  if (spec === undefined || spec.kind === 'reference') return
  for (const name of spec.secretEnv ?? []) {
    const value = spec.env?.[name]
    if (value !== undefined) redactor.learn('server_env', value)
  }
}
