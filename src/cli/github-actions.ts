import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { githubAnnotations } from '../report/github.js'
import { renderMarkdown } from '../report/markdown.js'
import type { RunReport } from '../report/model.js'
import { oneLine } from '../report/text.js'
import type { CliIo } from './io.js'

/** GitHub refuses more for one step. */
const MAX_SUMMARY_BYTES = 1024 * 1024

/**
 * Runs with workflow commands switched off: a target's text that is printed must not be one.
 *
 * @param env tells whether GitHub Actions reads our output.
 */
export async function withoutCommands<T>(
  env: NodeJS.ProcessEnv,
  io: CliIo,
  work: () => Promise<T>,
): Promise<T> {
  if (env['GITHUB_ACTIONS'] !== 'true') return work()
  const token = randomUUID()
  io.stdout.write(`::stop-commands::${token}\n`)
  try {
    return await work()
  } finally {
    io.stdout.write(`::${token}::\n`)
  }
}

/** Annotations on stdout, and the summary for the page of the run. A summary that cannot be written fails nothing. */
export async function reportToGithub(report: RunReport, env: NodeJS.ProcessEnv, io: CliIo): Promise<void> {
  io.stdout.write(
    githubAnnotations(report)
      .map((line) => `${line}\n`)
      .join(''),
  )
  const file = env['GITHUB_STEP_SUMMARY'] ?? ''
  if (file === '') return
  const summary = renderMarkdown(report)
  const fits = Buffer.byteLength(summary) <= MAX_SUMMARY_BYTES
  const text = fits
    ? summary
    : '# MCP conformance\n\nThe summary is too long for this page: see summary.md of the report.\n'
  try {
    await appendFile(file, text)
  } catch (error) {
    io.stderr.write(
      `the step summary could not be written: ${oneLine(error instanceof Error ? error.message : String(error))}\n`,
    )
  }
}
