import { main } from '../../src/cli/main.js'
import type { Services } from '../../src/cli/services.js'

export interface CliRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface CliInput {
  readonly env?: NodeJS.ProcessEnv
  readonly services?: Partial<Services>
  readonly cwd?: string
  readonly terminal?: boolean
  readonly signal?: AbortSignal
  /** Sees everything written to stdout so far. */
  readonly onOut?: (text: string) => void
}

const unexpected = (name: string) => () => {
  throw new Error(`${name} is not expected here`)
}

/** Runs a command line in this process; services that a test did not give make it fail. */
export async function cli(argv: readonly string[], input: CliInput = {}): Promise<CliRun> {
  let out = ''
  let err = ''
  const isTTY = input.terminal === true
  const code = await main(
    argv,
    input.env ?? {},
    {
      stdout: {
        isTTY,
        write(text) {
          out += text
          input.onOut?.(out)
        },
      },
      stderr: { isTTY, write: (text) => void (err += text) },
      stdin: { isTTY },
      cwd: input.cwd ?? process.cwd(),
      signal: input.signal ?? new AbortController().signal,
    },
    {
      runConformance: unexpected('runConformance'),
      runSelfTest: unexpected('runSelfTest'),
      startEmbeddedNextcloud: unexpected('startEmbeddedNextcloud'),
      startContainerNextcloud: unexpected('startContainerNextcloud'),
      runReferenceServerProcess: unexpected('runReferenceServerProcess'),
      mintForCli: unexpected('mintForCli'),
      resolveBrowser: unexpected('resolveBrowser'),
      mergePlaywrightReports: unexpected('mergePlaywrightReports'),
      pruneContainers: unexpected('pruneContainers'),
      findEngine: unexpected('findEngine'),
      askForInit: unexpected('askForInit'),
      ...input.services,
    },
  )
  return { code, out, err }
}
