import type { ServerMutant } from '../mutants.js'
import { ToolError } from './tool.js'

/**
 * The names in a path that a user gave, relative to the user's files; slashes at both ends and empty names are dropped.
 * A path may not climb: dot segments, in whatever encoding, backslashes and NUL are refused rather than resolved.
 *
 * @param argument the tool's argument, named in the message
 * @throws {ToolError}
 */
export function pathNames(
  tool: string,
  argument: string,
  path: string,
  mutants: ReadonlySet<ServerMutant>,
): readonly string[] {
  const names = path.split('/').filter((name) => name !== '')
  const fault = faultOf(path, names)
  if (fault === undefined || mutants.has('s-path-traversal')) return names
  throw new ToolError(`Invalid arguments for ${tool}: ${argument}: ${fault}`)
}

function faultOf(path: string, names: readonly string[]): string | undefined {
  if (path.includes('\0')) return 'must not contain NUL'
  if (path.includes('\\')) return 'must not contain backslashes'
  if (/\p{Surrogate}/u.test(path)) return 'is no well-formed text'
  return names.some(climbs) ? 'must not contain . or .. segments' : undefined
}

/** As `pathNames`, where the user's home folder itself makes no sense. */
export function filePathNames(
  ...[tool, argument, path, mutants]: Parameters<typeof pathNames>
): readonly string[] {
  const names = pathNames(tool, argument, path, mutants)
  if (names.length > 0) return names
  throw new ToolError(`Invalid arguments for ${tool}: ${argument}: must name a file or folder`)
}

/** Whether a text is the name of a single file, not a way to another one. */
export function isFileName(name: string): boolean {
  return name !== '' && !/[/\\\0]|\p{Surrogate}/u.test(name) && !climbs(name)
}

/** Whether a name is a dot segment, or would become one for somebody who decodes it once more or several times. */
function climbs(name: string): boolean {
  const decoded = decodedFully(name)
  return decoded.split(/[/\\]/).some((part) => part === '.' || part === '..')
}

function decodedFully(name: string): string {
  let [before, after] = ['', name]
  while (before !== after) {
    before = after
    after = before.replace(/%(?:2e|2f|5c|25)/gi, decodeURIComponent)
  }
  return after
}
