import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineConfig, type Config } from '../../src/config/define-config.js'
import { configJsonSchema } from '../../src/config/file-schema.js'
import { resolveRunOptions } from '../../src/config/options.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-targets-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

const FILE = 'nc-mcp-conformance.config.json'
const PASSWORDS = { NCMC_ALICE_PASSWORD: 'pw-of-alice', NCMC_BOB_PASSWORD: 'pw-of-bob', OWN_SECRET: 'own' }

async function targetsOf(config: object, flags: Record<string, unknown> = {}) {
  await writeFile(join(cwd, FILE), JSON.stringify(config))
  return (await resolveRunOptions({ flags, env: PASSWORDS, cwd }, [])).settings.targets
}

describe('targets of the configuration file', () => {
  it('are a command, an image or a URL for each mode, with their variables', async () => {
    const { basic, oauth } = await targetsOf({
      targets: {
        basic: {
          command: 'node {{cwd}}/server.js --port {{ port }} --format {{.Names}}',
          env: { NC_URL: '{{nextcloud.url}}', NC_PASSWORD: '{{user.password}}', ROOT: '{cwd}' },
        },
        oauth: {
          image: 'my/server:1',
          command: ['serve', '{{mode}}'],
          port: 9000,
          path: '/',
          env: { A: '{{client.file}}' },
        },
      },
    })
    expect(basic).toEqual({
      kind: 'command',
      command: `node ${cwd}/server.js --port {{ port }} --format {{.Names}}`,
      env: { NC_URL: '{{nextcloud.url}}', NC_PASSWORD: '{{user.password}}', ROOT: cwd },
      secretEnv: ['NC_PASSWORD'],
    })
    expect(oauth).toEqual({
      kind: 'image',
      image: 'my/server:1',
      command: ['serve', '{{mode}}'],
      port: 9000,
      path: '/',
      env: { A: '{{client.file}}' },
    })
    const url = 'http://127.0.0.1:8001/mcp'
    const attached = await targetsOf({ nextcloud: 'http://localhost:8080', targets: { oauth: { url } } })
    expect(attached).toEqual({ oauth: { kind: 'url', url } })
  })

  it('give way to a server of a flag in its mode, and to --mode', async () => {
    const config = { targets: { basic: { command: 'a' }, oauth: { command: 'b' } } }
    expect(await targetsOf(config, { 'server-command': ['oauth=c'] })).toEqual({
      basic: { kind: 'command', command: 'a' },
      oauth: { kind: 'command', command: 'c' },
    })
    expect(await targetsOf(config, { 'server-command': ['c'], mode: 'basic' })).toEqual({
      basic: { kind: 'command', command: 'c' },
    })
    expect(await targetsOf(config, { mode: 'oauth' })).toEqual({ oauth: { kind: 'command', command: 'b' } })
    expect(await targetsOf(config, { 'server-env': ['OWN_SECRET'], mode: 'oauth' })).toEqual({
      oauth: { kind: 'command', command: 'b', env: { OWN_SECRET: 'own' }, secretEnv: ['OWN_SECRET'] },
    })
  })

  it.each<[object, RegExp]>([
    [{ targets: { oath: {} } }, /"targets" in F: there is no member "oath"; did you mean oauth\?/],
    [
      { targets: { basic: { comand: 'a' } } },
      /"basic" of "targets" in F: there is no member "comand"; did you mean command\?/,
    ],
    [
      { targets: { basic: { command: 3 } } },
      /"command" of "basic" of "targets" in F must be a text or a list/,
    ],
    [{ targets: { basic: { command: '' } } }, /"command" of "basic" of "targets" in F must be/],
    [
      { targets: { basic: { command: 'a', env: { A: 1 } } } },
      /"A" of "env" of "basic" of "targets" in F must be a text$/,
    ],
    [{ targets: { basic: {} } }, /targets.basic in F needs one of url, command and image/],
    [{ targets: { basic: { command: 'a', url: 'b' } } }, /targets.basic in F has url and command; keep one/],
    [
      { targets: { basic: { command: 'a', port: 1 } } },
      /targets.basic.port in F is not for a server given by command/,
    ],
    [{ targets: { basic: { command: ['a'] } } }, /targets.basic.command in F must be one text/],
    [{ targets: { basic: { image: 'a', command: 'a' } } }, /must be a list of words/],
    [
      { targets: { oauth: { url: 'http://x', env: {} } } },
      /targets.oauth.env in F is not for a server given by url/,
    ],
    [{ targets: { oauth: { url: 'x' } } }, /targets.oauth.url in F must be a URL/],
    [
      { targets: { basic: { command: 'a', env: { A: '{{nextclod.url}}' } } } },
      /targets.basic.env.A in F: there is no template "nextclod.url"; did you mean nextcloud.url\? \(valid are {{/,
    ],
    [{ targets: { basic: { command: 'a {{prt}}' } } }, /targets.basic.command in F: .* did you mean port\?/],
    [{ targets: { basic: { command: 'a {{user.password}}' } } }, /would be seen by everybody/],
    [{ targets: { oauth: { command: 'a {{user.name}}' } } }, /{{user.name}} is for basic mode/],
    [{ targets: { basic: { command: 'a {{client.file}}' } } }, /{{client.file}} is for oauth mode/],
    [{ targets: { basic: { command: 'a', env: { NEXTCLOUD_HOST: 'b' } } } }, /NEXTCLOUD_HOST cannot be set/],
    [
      { targets: { basic: { command: 'a' } }, serverCommand: 'b' },
      /F gives servers in "targets" and in "serverCommand"/,
    ],
  ])('%j are refused, naming the file', async (config, message) => {
    const error: unknown = await targetsOf(config).catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(
      new RegExp(message.source.replaceAll('F', FILE.replaceAll('.', String.raw`\.`))),
    )
  })

  it('have no flag and no variable', async () => {
    await expect(resolveRunOptions({ flags: {}, env: { NCMC_TARGETS: '{}' }, cwd }, [])).rejects.toThrow(
      /no environment variable "NCMC_TARGETS"/,
    )
  })
})

describe('the JSON Schema of the configuration file', () => {
  const validate = new Ajv2020({ strict: false }).compile(configJsonSchema())

  it('takes what a run takes', () => {
    const config: Config = defineConfig({
      $schema: './x.json',
      nextcloud: 'http://localhost:8080',
      suite: ['tools'],
      targets: { oauth: { url: 'http://127.0.0.1:1/mcp' }, basic: { command: 'a', env: { A: '1' } } },
    })
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ suite: 'tools', serverUrl: 'http://x' })).toBe(true)
    expect(validate({})).toBe(true)
  })

  it('refuses what a run refuses', () => {
    for (const config of [
      { suites: [] },
      { suite: 'tols' },
      { workers: 'x' },
      { targets: { basic: { comand: 'a' } } },
    ])
      expect(validate(config)).toBe(false)
  })
})
