import { UsageError } from '../errors.js'
import { MODES, type Mode } from '../servers/server.js'
import type { TargetSource } from '../stack.js'
import { modeAndValue, type ModeValue } from './mode-value.js'
import type { RunInput } from './schema.js'
import { IMAGE_OPTIONS, imageEntry, imageSource, type ImageInput } from './server-image.js'
import { serverVariables } from './server-variables.js'

export type Targets = Readonly<Partial<Record<Mode, TargetSource>>>

/**
 * Which servers a run judges. Without `--mode` these are the modes that a server was given for; a server
 * without a mode prefix serves all of them. Without any server, the reference servers are judged.
 *
 * @param cwd what `{cwd}` stands for in a command: the server itself is started in an empty folder.
 * @param environment where `--server-env NAME` takes values from.
 * @throws {UsageError} for a mode without a server, a server without a mode, two servers for one mode.
 */
export function resolveTargets(input: TargetsInput, environment: NodeJS.ProcessEnv, cwd: string): Targets {
  const given = [
    ...input.serverUrl.map(givenUrl),
    ...input.serverCommand.map((text) => givenCommand(text.replaceAll('{cwd}', cwd), input, environment)),
    ...input.serverImage.map((entry) => givenImage(entry, input, environment)),
  ]
  const targets: Partial<Record<Mode, TargetSource>> = {}
  for (const mode of selectedModes(input.mode, given)) {
    const [server, second] = given.filter(
      (candidate) => candidate.mode === mode || candidate.mode === undefined,
    )
    if (second !== undefined) {
      throw new UsageError(
        'NCMC_USAGE',
        `${second.flag}: ${mode} mode was given two servers; give each mode one`,
      )
    }
    if (server === undefined && given.length > 0) {
      throw new UsageError(
        'NCMC_USAGE',
        `--mode: no server was given for ${mode} mode; add --server-url ${mode}=<url>, or leave ${mode} out of --mode`,
      )
    }
    targets[mode] = server?.source(mode) ?? { kind: 'reference' }
  }
  const unused = given.find(({ mode }) => mode !== undefined && targets[mode] === undefined)
  if (unused?.mode !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${unused.flag}: a server for ${unused.mode} mode, which --mode leaves out`,
    )
  }
  refuseOptionsWithoutServer(input, targets)
  return targets
}

type TargetsInput = ImageInput & Pick<RunInput, 'mode' | 'serverUrl' | 'serverCommand'>

interface GivenServer {
  readonly flag: string
  /** Absent: for every mode. */
  readonly mode?: Mode
  readonly source: (mode: Mode) => TargetSource
}

function selectedModes(mode: RunInput['mode'], given: readonly GivenServer[]): readonly Mode[] {
  if (mode !== undefined) return mode === 'both' ? MODES : [mode]
  const named = MODES.filter((candidate) => given.some((server) => server.mode === candidate))
  return named.length === 0 || given.some((server) => server.mode === undefined) ? MODES : named
}

function givenUrl(text: string): GivenServer {
  const flag = '--server-url'
  const { value, ...prefix } = givenValue(text, flag)
  const url = parseHttpUrl(value, flag)
  return { flag, ...prefix, source: () => ({ kind: 'url', url }) }
}

function givenCommand(text: string, input: TargetsInput, environment: NodeJS.ProcessEnv): GivenServer {
  const flag = '--server-command'
  const { value: command, ...prefix } = givenValue(text, flag)
  return {
    flag,
    ...prefix,
    source: (mode) => ({
      kind: 'command',
      command,
      ...serverVariables(mode, input.serverEnv, undefined, environment),
    }),
  }
}

function givenImage(
  entry: TargetsInput['serverImage'][number],
  input: TargetsInput,
  environment: NodeJS.ProcessEnv,
): GivenServer {
  const image = imageEntry(entry)
  return {
    flag: '--server-image',
    ...(image.mode === undefined ? {} : { mode: image.mode }),
    source: (mode) => imageSource(mode, image, input, environment),
  }
}

function givenValue(text: string, flag: string): ModeValue {
  const given = modeAndValue(text.trim())
  if (given.value === '') throw new UsageError('NCMC_USAGE', `${flag} needs a value, e.g. ${flag} oauth=…`)
  return given
}

/** An option that reaches no server would be a mistake that nobody sees. */
function refuseOptionsWithoutServer(input: TargetsInput, targets: Targets): void {
  const takers = [
    ...IMAGE_OPTIONS.map(([key, flag]) => ({ texts: input[key], flag, kinds: ['image'] })),
    { texts: input.serverEnv, flag: '--server-env', kinds: ['image', 'command'] },
  ]
  for (const { texts, flag, kinds } of takers) {
    for (const { mode } of texts.map(modeAndValue)) {
      const reached = MODES.filter((candidate) => mode === undefined || candidate === mode)
      if (reached.some((candidate) => kinds.includes(targets[candidate]?.kind ?? ''))) continue
      const where = mode === undefined ? '' : ` in ${mode} mode`
      const servers = kinds.map((kind) => `--server-${kind}`).join(' or ')
      throw new UsageError('NCMC_USAGE', `${flag} is for ${servers}, and none is given${where}`)
    }
  }
}

/**
 * The URL as given, when it is one for http or https without credentials and fragment. Never quoted in errors:
 * a URL may hold a password.
 *
 * @throws {UsageError} naming `origin`.
 */
export function parseHttpUrl(text: string, origin: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('NCMC_USAGE', `${origin} must be a URL that starts with http:// or https://`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'NCMC_USAGE',
      `${origin} must not hold credentials; passwords come from NCMC_ALICE_PASSWORD and NCMC_BOB_PASSWORD`,
    )
  }
  if (url.hash !== '') throw new UsageError('NCMC_USAGE', `${origin} must not have a fragment (#…)`)
  return text
}
