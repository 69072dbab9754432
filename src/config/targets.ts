import { UsageError } from '../errors.js'
import { MODES, type Mode } from '../servers/server.js'
import type { TargetSource } from '../stack.js'
import type { RunInput } from './schema.js'

export type Targets = Readonly<Partial<Record<Mode, TargetSource>>>

/**
 * Which servers a run judges. Without `--mode` these are the modes that a server was given for; a server
 * without a mode prefix serves all of them. Without any server, the reference servers are judged.
 *
 * @throws {UsageError} for a mode without a server, a server without a mode, two servers for one mode.
 */
export function resolveTargets(input: Pick<RunInput, 'mode' | 'serverUrl' | 'serverCommand'>): Targets {
  const given = [
    ...input.serverUrl.map((text) => parseGiven(text, '--server-url')),
    ...input.serverCommand.map((text) => parseGiven(text, '--server-command')),
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
    targets[mode] = server?.source ?? { kind: 'reference' }
  }
  const unused = given.find(({ mode }) => mode !== undefined && targets[mode] === undefined)
  if (unused?.mode !== undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `${unused.flag}: a server for ${unused.mode} mode, which --mode leaves out`,
    )
  }
  return targets
}

interface GivenServer {
  readonly flag: string
  /** Absent: for every mode. */
  readonly mode?: Mode
  readonly source: TargetSource
}

function selectedModes(mode: RunInput['mode'], given: readonly GivenServer[]): readonly Mode[] {
  if (mode !== undefined) return mode === 'both' ? MODES : [mode]
  const named = MODES.filter((candidate) => given.some((server) => server.mode === candidate))
  return named.length === 0 || given.some((server) => server.mode === undefined) ? MODES : named
}

function parseGiven(text: string, flag: '--server-url' | '--server-command'): GivenServer {
  const [, mode, value] = /^(?:(basic|oauth)=)?(.*)$/s.exec(text.trim()) as unknown as [
    string,
    Mode | undefined,
    string,
  ]
  const prefix = mode === undefined ? {} : { mode }
  if (value === '') throw new UsageError('NCMC_USAGE', `${flag} needs a value, e.g. ${flag} oauth=…`)
  if (flag === '--server-command') return { flag, ...prefix, source: { kind: 'command', command: value } }
  return { flag, ...prefix, source: { kind: 'url', url: parseHttpUrl(value, flag) } }
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
