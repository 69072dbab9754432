import type { Config } from '../config/define-config.js'
import { modeAndValue } from '../config/mode-value.js'
import { packageVersion } from '../package-root.js'

/** Where the workflow of a project goes, from the project's folder. */
export const WORKFLOW_FILE = '.github/workflows/nc-mcp-conformance.yml'

/** Repository of the action; its tags are the versions of the package. */
const ACTION = 'nc-mcp-conformance/nc-mcp-conformance'

/**
 * A workflow that judges the server on every push and pull request, with the project's configuration file. Secrets come
 * from the repository's, by the names of the variables.
 */
export function githubWorkflow(config: Config): string {
  const version = packageVersion()
  const secrets = secretNames(config)
  const env =
    secrets.length === 0
      ? ''
      : `        env:\n${secrets.map((name) => `          ${name}: \${{ secrets.${name} }}\n`).join('')}`
  return `name: MCP conformance
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  conformance:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v6
      # Build or install here what your server needs.
      - uses: ${ACTION}@v${version}
${env}        with:
          version: ${version}
`
}

/** Variables that a run needs and that no file holds. */
function secretNames({ nextcloud = 'embedded', serverEnv = [] }: Config): readonly string[] {
  const own = serverEnv.map((text) => modeAndValue(text).value.trim()).filter((text) => /^\w+$/.test(text))
  const isAttached = nextcloud !== 'embedded' && nextcloud !== 'container'
  return [...new Set([...(isAttached ? ['NCMC_ALICE_PASSWORD', 'NCMC_BOB_PASSWORD'] : []), ...own])]
}
