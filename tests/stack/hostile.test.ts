import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { reportSchema, type Result } from '../../src/report/model.js'
import { runCli, withFolder } from './support/cli.js'

const SERVER = fileURLToPath(new URL('support/hostile-server.mjs', import.meta.url))
/** Far more than a run takes, and less than one that hangs. */
const TIMEOUT_MS = 240_000

/** None of them can pass without an answer that makes sense. */
const CHECKS = ['rs.challenge.401', 'rs.token.audience-case', 'tools.list.schemas'] as const
const CELLS = [
  'rs.challenge.401 [oauth]',
  'rs.token.audience-case [oauth]',
  'tools.list.schemas [basic]',
  'tools.list.schemas [oauth]',
]

/**
 * Each kind, in how many processes the checks run, and what is said of it. Where every check waits until its bound they do
 * so together, and begin first.
 */
const KINDS = [
  ['silent', 4, /aborted due to timeout/],
  ['stream', 4, /aborted due to timeout/],
  ['endless', 1, /status 200/],
  ['200', 1, /status 200/],
  ['html', 1, /status 200/],
  ['401', 1, /status 401|is refused/],
  ['closes', 1, /other side closed|socket hang up|ECONNRESET/],
] as const

interface Judged {
  readonly code: number | null
  readonly results: readonly Result[]
}

/** A run against a server of this kind in both modes, as a user would start it. */
function judge(kind: string, workers: number): Promise<Judged> {
  return withFolder(async (folder) => {
    const { code } = await runCli([
      'run',
      ...['--server-command', `${process.execPath} ${SERVER} ${kind} {port}`],
      ...CHECKS.flatMap((check) => ['--check', check]),
      ...['--user-agent', 'http', '--workers', String(workers), '--report-dir', folder],
    ])
    const text = await readFile(join(folder, 'report.json'), 'utf8')
    return { code, results: reportSchema.parse(JSON.parse(text)).results }
  })
}

describe.concurrent('a run against a server that is none ends, and passes nothing', () => {
  test.each(KINDS)(
    '%s',
    async (kind, workers, reason) => {
      const { code, results } = await judge(kind, workers)
      expect(results.map(({ check, mode }) => `${check} [${mode}]`).toSorted()).toEqual(CELLS)
      for (const { check, mode, verdict, message } of results) {
        expect(verdict, `${check} [${mode}]: ${message}`).toBe('not-testable')
        expect(message, `${check} [${mode}]`).toMatch(reason)
      }
      expect(code).toBe(1)
    },
    TIMEOUT_MS,
  )
})
