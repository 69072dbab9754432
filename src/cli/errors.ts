import { NcmcError } from '../errors.js'
import { Redactor } from '../evidence/redactor.js'
import { oneLine } from '../report/text.js'
import type { OutputStream } from './io.js'

const MAX_CAUSES = 6
const MAX_LOG_LINES = 20
const SECRET_VARIABLES = /(PASSWORD|SECRET|TOKEN)$/

/**
 * Prints what went wrong: one line with the code, the causes one line each, and the last log lines of a server
 * that did not start. Whatever looks like a secret is replaced. The stack only with `NCMC_DEBUG=1`.
 */
export function printError(error: unknown, stderr: OutputStream, env: NodeJS.ProcessEnv): void {
  const redactor = new Redactor()
  for (const [name, value] of Object.entries(env)) {
    if (SECRET_VARIABLES.test(name) && value !== undefined) redactor.learn('secret', value)
  }
  const print = (text: string): void => {
    stderr.write(`${redactor.text(text)}\n`)
  }
  const code = error instanceof NcmcError ? error.code : 'NCMC_INTERNAL'
  print(`error: ${oneLine(messageOf(error))} [${code}]`)
  for (const cause of causesOf(error)) print(`  because: ${oneLine(messageOf(cause))}`)
  for (const line of logOf(error)) print(`  | ${oneLine(line)}`)
  if (!(error instanceof NcmcError))
    print('  this is a fault of nc-mcp-conformance; NCMC_DEBUG=1 shows where')
  if (env['NCMC_DEBUG'] === '1' && error instanceof Error && error.stack !== undefined) print(error.stack)
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  let current = error
  while (current instanceof Error && current.cause !== undefined && causes.length < MAX_CAUSES) {
    current = current.cause
    causes.push(current)
  }
  return causes
}

/** The part of a log or of a runner's output that comes with an error. */
function logOf(error: unknown): readonly string[] {
  if (!(error instanceof NcmcError)) return []
  const { log, output } = error.details
  if (Array.isArray(log)) return log.map(String).slice(-MAX_LOG_LINES)
  return typeof output === 'string' && output.trim() !== ''
    ? output.trim().split('\n').slice(-MAX_LOG_LINES)
    : []
}
