import { UsageError } from '../errors.js'
import { TEMPLATE_NAMES, templatesIn } from '../server-environment.js'
import type { Mode } from '../servers/server.js'
import type { TargetSource } from '../stack.js'
import { unknownName } from './names.js'
import { imageSource, type ImageInput } from './server-image.js'
import { serverVariables } from './server-variables.js'
import type { TargetEntry } from './target-schema.js'
import { parseHttpUrl } from './http-url.js'

const KINDS = ['url', 'command', 'image'] as const

/** Where a file's targets come from, and where their values do. */
export interface FileTargetPlace {
  readonly environment: NodeJS.ProcessEnv
  /** What `{{cwd}}` stands for. */
  readonly cwd: string
  /** The configuration file, as the user names it. */
  readonly file: string
}

/** How the user names a member of the target; without one, the target. */
type Origin = (member?: string) => string

/**
 * The server of one mode as the configuration file gives it under `targets`.
 *
 * @throws {UsageError} when it has not exactly one of url, command and image, has what its kind cannot have, or names a
 * template that does not exist.
 */
export function targetOfFile(
  mode: Mode,
  entry: TargetEntry,
  input: ImageInput,
  { environment, cwd, file }: FileTargetPlace,
): TargetSource {
  const origin: Origin = (member) => `targets.${mode}${member === undefined ? '' : `.${member}`} in ${file}`
  const kind = kindOf(entry, origin)
  refuseForeignMembers(entry, kind, origin)
  if (kind === 'url') return { kind, url: parseHttpUrl(entry.url ?? '', origin('url')) }
  const text = (value: string, member: string): string =>
    checked(value, origin(member), { mode, cwd, isCommand: member === 'command' })
  const env =
    entry.env &&
    Object.fromEntries(Object.entries(entry.env).map(([name, value]) => [name, text(value, `env.${name}`)]))
  const words = [entry.command ?? []].flat().map((word) => text(word, 'command'))
  if (kind === 'command') {
    const [command = ''] = words
    return { kind, command, ...serverVariables(mode, input.serverEnv, env, environment) }
  }
  const { image = '', port, path, readyPath } = entry
  return imageSource(
    mode,
    {
      image,
      ...(env === undefined ? {} : { env }),
      ...(words.length === 0 ? {} : { command: words }),
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path }),
      ...(readyPath === undefined ? {} : { readyPath }),
    },
    input,
    environment,
  )
}

type Kind = (typeof KINDS)[number]

function kindOf(entry: TargetEntry, origin: Origin): Kind {
  // An image may have a command of its own.
  const given = KINDS.filter(
    (kind) => entry[kind] !== undefined && !(kind === 'command' && entry.image !== undefined),
  )
  const [kind, second] = given
  if (kind === undefined)
    throw new UsageError(
      'NCMC_USAGE',
      `${origin()} needs one of url, command and image: how to reach the server`,
    )
  if (second !== undefined)
    throw new UsageError('NCMC_USAGE', `${origin()} has ${given.join(' and ')}; keep one of them`)
  return kind
}

function refuseForeignMembers(entry: TargetEntry, kind: Kind, origin: Origin): void {
  const allowed: Readonly<Record<Kind, readonly string[]>> = {
    url: ['url'],
    command: ['command', 'env'],
    image: Object.keys(entry),
  }
  const foreign = Object.keys(entry).find((name) => !allowed[kind].includes(name))
  if (foreign !== undefined)
    throw new UsageError(
      'NCMC_USAGE',
      `${origin(foreign)} is not for a server given by ${kind}${kind === 'url' ? ', which runs already' : '; it is for image'}`,
    )
  if (kind === 'command' && Array.isArray(entry.command))
    throw new UsageError('NCMC_USAGE', `${origin('command')} must be one text; a list of words is for image`)
  if (kind === 'image' && typeof entry.command === 'string')
    throw new UsageError(
      'NCMC_USAGE',
      `${origin('command')} must be a list of words, because there is an image`,
    )
}

/** A text with `{{cwd}}` filled in, whose other templates exist and have a value in this mode. */
function checked(
  value: string,
  origin: string,
  { mode, cwd, isCommand }: { readonly mode: Mode; readonly cwd: string; readonly isCommand: boolean },
): string {
  for (const name of templatesIn(value)) {
    if (!TEMPLATE_NAMES.includes(name)) {
      throw unknownName(
        `${origin}: there is no template`,
        name,
        TEMPLATE_NAMES,
        `valid are ${TEMPLATE_NAMES.map((known) => `{{${known}}}`).join(', ')}`,
      )
    }
    if (name.startsWith('user.') && mode === 'oauth')
      throw new UsageError(
        'NCMC_USAGE',
        `${origin}: {{${name}}} is for basic mode; a server in oauth mode holds no user's credentials`,
      )
    if (name.startsWith('client.') && mode === 'basic')
      throw new UsageError(
        'NCMC_USAGE',
        `${origin}: {{${name}}} is for oauth mode; a server in basic mode has no client`,
      )
    if (name === 'user.password' && isCommand)
      throw new UsageError(
        'NCMC_USAGE',
        `${origin}: {{user.password}} would be seen by everybody on this machine; give it by env`,
      )
  }
  return value.replaceAll(/\{\{\s*cwd\s*\}\}|\{cwd\}/g, () => cwd)
}
