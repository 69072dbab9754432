import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfigFile } from '../../src/config/config-file.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-typescript-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

const NAME = 'nc-mcp-conformance.config.ts'
const read = async (text: string, name = NAME) => {
  await writeFile(join(cwd, name), text)
  return (await readConfigFile({ cwd, path: name }))?.values
}
const refusal = (text: string, name = NAME) =>
  read(text, name).then(
    () => 'not refused',
    (error: unknown) => (error instanceof Error ? [error.message, error.cause] : []),
  )

describe('a configuration file in TypeScript', () => {
  it('is read on every Node, with defineConfig of a package that is not in the folder', async () => {
    await expect(
      read(`import { defineConfig } from 'nc-mcp-conformance'
        enum Places { Four = 4 }
        interface Local { readonly n: number }
        const local: Local = { n: Places.Four }
        export default defineConfig({ suite: ['tools'], workers: local.n satisfies number })`),
    ).resolves.toEqual({ suite: ['tools'], workers: 4 })
  })

  it('may wait, and import what lies beside it', async () => {
    await mkdir(join(cwd, 'lib'))
    await writeFile(join(cwd, 'lib', 'port.ts'), 'export const port: number = 3')
    await expect(
      read(`import { port } from './lib/port.js'
        const workers = await Promise.resolve(port)
        export default { workers, cwd: import.meta.dirname === undefined ? 0 : 1 }`),
    ).resolves.toMatchObject({ workers: 3 })
    await expect(read('export default { workers: 2 }', 'own.mts')).resolves.toEqual({ workers: 2 })
  })

  it('is read anew every time', async () => {
    await expect(read('export default { workers: 1 }')).resolves.toEqual({ workers: 1 })
    await expect(read('export default { workers: 2 }')).resolves.toEqual({ workers: 2 })
  })

  it.each([
    [
      'throws',
      'throw new TypeError("no port\\n    at secret:1:1")',
      'cannot be imported: TypeError: no port',
    ],
    ['throws no error', 'throw "plain"', 'cannot be imported: plain'],
    ['throws nothing', 'throw undefined', 'cannot be imported: it threw what is no error'],
    [
      'cannot be parsed',
      'export default {\n  alicePassword: "hunter2" "x" }',
      'cannot be imported: it cannot be parsed at line 2',
    ],
    [
      'imports what is not there',
      'import x from "./none.js"\nexport default x',
      /cannot be imported: .*none\.js/,
    ],
    [
      'holds a function',
      'export default { suite: () => "hunter2" }',
      'cannot be imported: it holds what is no data',
    ],
    ['exports nothing', 'export const a = 1', 'must hold one object of options (modules: as default export)'],
    [
      'exports a function',
      'export default () => ({})',
      'must hold one object of options (modules: as default export)',
    ],
  ])('that %s is refused in one line without a stack', async (_what, text, message) => {
    const [line, cause] = await refusal(text)
    expect(line).toMatch(
      typeof message === 'string' ? new RegExp(`${NAME} ${message.replaceAll(/[()]/g, '.')}`) : message,
    )
    expect(line).not.toMatch(/\n|hunter2|\bat secret/)
    expect(cause).toBeUndefined()
  })

  it('is refused with another ending, naming those that are read', async () => {
    expect(await refusal('', 'own.yaml')).toEqual([
      '--config: own.yaml must end in .json, .ts, .mjs, .js',
      undefined,
    ])
  })
})
