#!/usr/bin/env node
import { fstatSync } from 'node:fs'
import { main } from './main.js'

/** After the command has ended, nothing may keep the process: not even a socket that a library forgot. */
const LINGER_MS = 2_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const controller = new AbortController()
for (const signal of SIGNALS) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(3)
    controller.abort(new Error(`stopped by ${signal}`))
  })
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe went away, e.g. `list | head`.
    if (error.code === 'EPIPE') process.exit(0)
  })
}
if (process.argv[2] === 'serve') stopWithParent()

process.exitCode = await main(process.argv.slice(2), process.env, {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  signal: controller.signal,
})
process.stdin.destroy()
setTimeout(() => process.exit(), LINGER_MS).unref()

/** A server that a run started ends with it, however the run ends: their pipe closes. Terminals and files do not count. */
function stopWithParent(): void {
  const stdin = fstatSync(0)
  if (!stdin.isFIFO() && !stdin.isSocket()) return
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume()
}
