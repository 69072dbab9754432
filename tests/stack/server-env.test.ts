import { expect, test } from 'vitest'
import { runCli, withFolder } from './support/cli.js'

const TIMEOUT_MS = 60_000
const COMMAND = 'basic=echo "own: $OWN, plain: $PLAIN, password: $NEXTCLOUD_PASSWORD"; exit 3'

test(
  'variables reach a command, and those that hold secrets stay out of what a run prints',
  () =>
    withFolder(async (folder) => {
      const secret = 'a value from our own environment'
      const flags = [
        '--server-command',
        COMMAND,
        '--server-env',
        'OWN',
        '--server-env',
        'PLAIN=in {mode} mode',
      ]
      const run = await runCli(['run', ...flags, '--report-dir', folder], { OWN: secret })
      expect(run.code).toBe(3)
      expect(run.stderr).toContain('stopped with exit code 3 before it was ready [NCMC_SERVER_START]')
      expect(run.stderr).toMatch(
        /\| own: \[server_env#\w+\], plain: in basic mode, password: \[password#\w+\]$/m,
      )
      expect(run.stdout + run.stderr).not.toContain(secret)
    }),
  TIMEOUT_MS,
)
