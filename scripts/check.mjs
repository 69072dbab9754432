// Runs the static checks side by side, and shows the output of each as a whole. Fails when one of them does. Lint looks only at
// files that changed; .ci/run lints all of them, because a type that changed can be a finding in a file that did not.
import { spawn } from 'node:child_process'

// The longest first: it decides how long all take.
const CHECKS = ['lint:changed', 'typecheck', 'format:check', 'knip']

const results = await Promise.all(
  CHECKS.map(
    (name) =>
      new Promise((resolve) => {
        const child = spawn('npm', ['run', '-s', name], { stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
        child.once('error', (error) => resolve({ name, code: 1, output: String(error) }))
        child.once('close', (code) => resolve({ name, code, output }))
      }),
  ),
)
for (const { name, code, output } of results) {
  console.log(`${code === 0 ? '✓' : '✗'} ${name}`)
  if (code !== 0) console.log(output)
}
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
