import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { HarnessError } from '../../src/errors.js'
import { launchServer } from '../../src/launch.js'

it('keeps the first lines of a server that ends, however much it says after them', async () => {
  const script =
    'console.error("NEXTCLOUD_HOST is not set");for(let i=0;i<60;i++)console.error("usage",i);process.exit(1)'
  const start = launchServer({
    spec: { kind: 'command', command: `'${process.execPath}' -e '${script}'` },
    mode: 'basic',
    env: { NEXTCLOUD_HOST: '' },
    nextcloud: { baseUrl: '', internalUrl: '' },
    cwd: tmpdir(),
    mutants: [],
    startupTimeoutMs: 10_000,
  })
  const error = await start.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(HarnessError)
  const { code, details } = error as HarnessError
  expect(code).toBe('NCMC_SERVER_START')
  expect(details['exitCode']).toBe(1)
  expect((details['log'] as string[])[0]).toBe('NEXTCLOUD_HOST is not set')
  expect(details['log']).toHaveLength(61)
})
