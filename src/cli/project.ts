import { relative, sep } from 'node:path'
import type { Project } from '../report/artifact.js'

/**
 * Where the project's files are, seen from the repository: GitHub and GitLab say where they checked it out.
 *
 * @param configFile as the user named it.
 */
export function projectOf(configFile: string | undefined, env: NodeJS.ProcessEnv, cwd: string): Project {
  const root = env['GITHUB_WORKSPACE'] ?? env['CI_PROJECT_DIR']
  const folder = root === undefined || root === '' ? '' : relative(root, cwd).split(sep).join('/')
  return {
    ...(folder === '' || folder.startsWith('..') ? {} : { folder }),
    ...(configFile === undefined ? {} : { configFile }),
  }
}
