import { posix } from 'node:path'

/** Where the project's files are, for systems that tie every finding to one. */
export interface Project {
  /** The folder of the run below the repository's, with slashes, e.g. `servers/notes`. Default: the repository's. */
  readonly folder?: string
  /** The configuration file, as the user named it. */
  readonly configFile?: string
}

/**
 * The file that a finding is tied to: a server is judged from outside, so there is no line of source to name.
 *
 * @param preferred as the user named it; taken when it lies in the repository. Else the configuration file is.
 * @returns from the repository's folder, with slashes; `README.md` when neither does.
 */
export function artifactOf({ folder = '', configFile }: Project, preferred?: string): string {
  for (const candidate of [preferred, configFile]) {
    const named = candidate?.replaceAll('\\', '/') ?? ''
    const path = posix.normalize(posix.join(folder, named))
    const isInside = !path.startsWith('/') && path !== '..' && !path.startsWith('../')
    if (named !== '' && !/^([A-Za-z]:|\/)/.test(named) && isInside) return path
  }
  return 'README.md'
}
