import { UsageError } from '../errors.js'
import { MODES, type Mode } from '../servers/server.js'
import type { TargetSource } from '../stack.js'
import { targetOfFile } from './file-targets.js'
import { parseHttpUrl } from './http-url.js'
import { modeAndValue, type ModeValue } from './mode-value.js'
import type { RunInput } from './schema.js'
import { IMAGE_OPTIONS, imageEntry, imageSource, type ImageInput } from './server-image.js'
import { serverVariables } from './server-variables.js'

export type Targets = Readonly<Partial<Record<Mode, TargetSource>>>

/**
 * Which servers a run judges. Without `--mode` these are the modes that a server was given for; a server
 * without a mode prefix serves all of them. Without any server, the reference servers are judged. A server of a flag or
 * a variable takes the place of the file's target for its modes.
 *
 * @param cwd what `{cwd}` stands for in a command: the server itself is started in an empty folder.
 * @param file name of the configuration file, for errors.
 * @param environment where `--server-env NAME` takes values from.
 * @throws {UsageError} for a mode without a server, a server without a mode, two servers for one mode.
 */
export function resolveTargets(
  input: TargetsInput,
  environment: NodeJS.ProcessEnv,
  cwd: string,
  file = 'the configuration file',
): Targets {
  const given = [
    ...input.serverUrl.map(givenUrl),
    ...input.serverCommand.map((text) =>
      givenCommand(
        text.replaceAll(/\{\{\s*cwd\s*\}\}|\{cwd\}/g, () => cwd),
        input,
        environment,
      ),
    ),
    ...input.serverImage.map((entry) => givenImage(entry, input, environment)),
  ]
  for (const mode of MODES) {
    const entry = input.targets?.[mode]
    if (entry === undefined || given.some((server) => server.mode === mode || server.mode === undefined))
      continue
    given.push({
      flag: `targets.${mode}`,
      mode,
      source: () => targetOfFile(mode, entry, input, { environment, cwd, file }),
    })
  }
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
  // A file may know both servers of which a run judges one.
  const unused = given.find(
    ({ flag, mode }) => mode !== undefined && targets[mode] === undefined && !flag.startsWith('targets.'),
  )
  if (unused?.mode !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${unused.flag}: a server for ${unused.mode} mode, which --mode leaves out`,
    )
  }
  refuseOptionsWithoutServer(input, targets)
  return targets
}

type TargetsInput = ImageInput & Pick<RunInput, 'mode' | 'serverUrl' | 'serverCommand' | 'targets'>

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
