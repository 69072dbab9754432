import type { Command } from './command.js'
import { diagnose, type Finding } from './diagnosis.js'
import { exitCodeOfEnding } from './exit-code.js'

/** Says what is missing on this machine, and the fix. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'what is missing on this machine, and the fix',
  flags: [{ name: 'json', type: 'boolean', description: 'print JSON' }],
  examples: [['doctor', 'exit code 0 when a default run can work']],
  async run({ flags, env, io, services }) {
    const findings = await diagnose({
      env,
      resolveBrowser: (options) => services.resolveBrowser(options),
      findEngine: () => services.findEngine(),
    })
    const ok = findings.every((finding) => finding.ok || finding.optional === true)
    io.stdout.write(
      flags['json'] === true
        ? `${JSON.stringify({ ok, findings }, null, 2)}\n`
        : `${findings.map(asLines).join('')}\n${ok ? 'a default run can work here' : 'a default run cannot work here yet'}\n`,
    )
    return exitCodeOfEnding({ kind: 'doctor', ok })
  },
}

function asLines(finding: Finding): string {
  const mark = finding.ok ? '✓ ok     ' : finding.optional === true ? '- missing' : '✗ missing'
  const fix = finding.fix === undefined ? '' : `            fix: ${finding.fix}\n`
  return `${mark}  ${finding.what}: ${finding.seen}\n${fix}`
}
