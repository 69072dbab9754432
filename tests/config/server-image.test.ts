import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveRunOptions, type RunOptions } from '../../src/config/options.js'
import { splitWords } from '../../src/config/words.js'
import { UsageError } from '../../src/errors.js'

const IMAGE = 'example.org:5000/group/server:1.2@sha256:00'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-options-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

async function targets(
  flags: Record<string, unknown>,
  env: NodeJS.ProcessEnv = {},
): Promise<RunOptions['settings']['targets']> {
  return (await resolveRunOptions({ flags, env, cwd }, [])).settings.targets
}

async function refusal(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const error: unknown = await targets(flags, env).catch((thrown: unknown) => thrown)
  if (!(error instanceof UsageError)) throw new Error(`not refused: ${String(error)}`)
  return error.message
}

function configFile(values: unknown): Promise<void> {
  return writeFile(join(cwd, 'nc-mcp-conformance.config.json'), JSON.stringify(values))
}

describe('--server-image', () => {
  it('serves both modes, or the one that it names', async () => {
    const source = { kind: 'image', image: IMAGE }
    expect(await targets({ 'server-image': [IMAGE] })).toEqual({ basic: source, oauth: source })
    expect(await targets({ 'server-image': [`oauth=${IMAGE}`] })).toEqual({ oauth: source })
    expect(await targets({}, { NCMC_SERVER_IMAGE: `basic=${IMAGE}\noauth=other` })).toEqual({
      basic: source,
      oauth: { kind: 'image', image: 'other' },
    })
  })

  it('is run as its flags say, for all modes or for one', async () => {
    const flags = {
      'server-image': [IMAGE],
      'server-image-command': ['--transport http', `oauth=--oauth --name 'two words' --port 8001`],
      'server-image-port': ['oauth=8001'],
      'server-image-path': ['/sse', 'basic=/mcp'],
      'server-image-ready-path': ['/health/ready'],
      'server-env': ['LEVEL=a=b, c', 'oauth=LEVEL=debug', 'basic=ONLY=here'],
    }
    expect(await targets(flags)).toEqual({
      basic: {
        kind: 'image',
        image: IMAGE,
        command: ['--transport', 'http'],
        path: '/mcp',
        readyPath: '/health/ready',
        env: { LEVEL: 'a=b, c', ONLY: 'here' },
      },
      oauth: {
        kind: 'image',
        image: IMAGE,
        command: ['--oauth', '--name', 'two words', '--port', '8001'],
        port: 8001,
        path: '/sse',
        readyPath: '/health/ready',
        env: { LEVEL: 'debug' },
      },
    })
  })

  it('may be an object in the configuration file, which says more than the flags', async () => {
    await configFile({
      serverImage: [
        {
          mode: 'oauth',
          image: IMAGE,
          env: { LEVEL: 'debug', API_KEY: 'abc' },
          command: ['--oauth'],
          port: 9000,
          path: '/',
          readyPath: '/live',
        },
        'basic=other',
      ],
      serverEnv: ['LEVEL=info', 'MORE=yes'],
    })
    expect(await targets({ 'server-image-port': ['8001'] })).toEqual({
      basic: { kind: 'image', image: 'other', port: 8001, env: { LEVEL: 'info', MORE: 'yes' } },
      oauth: {
        kind: 'image',
        image: IMAGE,
        command: ['--oauth'],
        port: 9000,
        path: '/',
        readyPath: '/live',
        env: { LEVEL: 'debug', MORE: 'yes', API_KEY: 'abc' },
        secretEnv: ['API_KEY'],
      },
    })
  })

  it.each([
    [{ 'server-image': [''] }, /--server-image must be the name of an image/],
    [{ 'server-image': ['two words'] }, /--server-image must be the name of an image, .* not "two words"/],
    [{ 'server-image': ['-v'] }, /--server-image must be the name of an image/],
    [{ 'server-image': [IMAGE], 'server-command': ['x'] }, /basic mode was given two servers/],
    [{ 'server-image': [`basic=${IMAGE}`], mode: 'oauth' }, /no server was given for oauth mode/],
    [
      { 'server-image': [IMAGE], 'server-image-port': ['0'] },
      /--server-image-port must be a port .* not "0"/,
    ],
    [{ 'server-image': [IMAGE], 'server-image-port': ['70000'] }, /--server-image-port must be a port/],
    [{ 'server-image': [IMAGE], 'server-image-path': ['mcp'] }, /--server-image-path must be a path .*"mcp"/],
    [{ 'server-image': [IMAGE], 'server-image-ready-path': ['/a?b'] }, /--server-image-ready-path must be/],
    [{ 'server-image': [IMAGE], 'server-image-command': ["a 'b"] }, /--server-image-command has a quote/],
    [{ 'server-image-port': ['8000'] }, /--server-image-port is for --server-image, and none is given/],
    [
      { 'server-image': [`basic=${IMAGE}`], 'server-image-command': ['oauth=x'] },
      /--server-image-command is for --server-image, and none is given in oauth mode/,
    ],
    [{ 'server-command': ['x'], 'server-image-path': ['/x'] }, /--server-image-path is for --server-image/],
    [{ 'server-image': [IMAGE], mutant: ['s-aud-unchecked'] }, /--mutant s-aud-unchecked: only/],
  ])('%j is refused, naming the flag', async (flags, message) => {
    expect(await refusal(flags)).toMatch(message)
  })

  it.each([
    [
      [{ image: IMAGE, port: 0 }],
      /"port" of "serverImage" in nc-mcp-conformance.config.json must be at least 1/,
    ],
    [[{ image: IMAGE, prot: 1 }], /"serverImage" in .*: there is no member "prot"; did you mean port\?/],
    [[{ port: 8000 }], /"image" of "serverImage" in .* must be a text/],
    [
      [{ image: IMAGE, mode: 'oath' }],
      /"mode" of "serverImage" in .* cannot be "oath"; did you mean oauth\?/,
    ],
    [[{ image: IMAGE, env: { A: 1 } }], /"A" of "env" of "serverImage" in .* must be a text/],
    [[{ image: IMAGE, env: { 'A B': 'x' } }], /"env" of a server: "A B" is no name of a variable/],
    [[{ image: IMAGE, command: 'a b' }], /"command" of "serverImage" in .* must be a list/],
    [[7], /"serverImage" in .* must be a text or an object/],
    [{ image: IMAGE }, /"serverImage" in .* must be a list/],
  ])('%j in the configuration file is refused', async (serverImage, message) => {
    await configFile({ serverImage })
    expect(await refusal({})).toMatch(message)
  })
})

describe('--server-env', () => {
  it('reaches commands too, and takes values from the environment as secrets', async () => {
    const flags = { 'server-command': ['node s.js'], 'server-env': ['OPENAI_API', 'basic=A_TOKEN=t', 'X='] }
    expect(await targets(flags, { OPENAI_API: 'from our own' })).toEqual({
      basic: {
        kind: 'command',
        command: 'node s.js',
        env: { OPENAI_API: 'from our own', X: '', A_TOKEN: 't' },
        secretEnv: ['OPENAI_API', 'A_TOKEN'],
      },
      oauth: {
        kind: 'command',
        command: 'node s.js',
        env: { OPENAI_API: 'from our own', X: '' },
        secretEnv: ['OPENAI_API'],
      },
    })
  })

  it('is one variable a line in NCMC_SERVER_ENV', async () => {
    const env = { NCMC_SERVER_ENV: 'A=1,2\noauth=B=3\n', NCMC_SERVER_COMMAND: 'oauth=x' }
    expect(await targets({}, env)).toEqual({
      oauth: { kind: 'command', command: 'x', env: { A: '1,2', B: '3' } },
    })
  })

  it.each([
    [['MISSING'], /--server-env MISSING: the environment has no such variable; set it, or write/],
    [['=secret-value'], /--server-env: a variable has no name; write NAME=<value>/],
    [['2A=secret-value'], /--server-env: "2A" is no name of a variable/],
    [['NEXTCLOUD_HOST=secret-value'], /--server-env: NEXTCLOUD_HOST cannot be set; .*--nextcloud chooses/],
    [['NEXTCLOUD_PASSWORD'], /NEXTCLOUD_PASSWORD cannot be set; .*NCMC_ALICE_PASSWORD/],
    [['PORT=1'], /PORT cannot be set; .*--server-image-port/],
  ])('%j is refused, and no value is quoted', async (serverEnv, message) => {
    const text = await refusal({ 'server-image': [IMAGE], 'server-env': serverEnv })
    expect(text).toMatch(message)
    expect(text).not.toContain('secret-value')
  })

  it('is refused where no server of ours takes it', async () => {
    expect(await refusal({ 'server-env': ['A=1'] })).toMatch(
      /--server-env is for --server-image or --server-command, and none is given$/,
    )
    expect(await refusal({ 'server-image': [`basic=${IMAGE}`], 'server-env': ['oauth=A=1'] })).toMatch(
      /and none is given in oauth mode/,
    )
  })
})

describe('--server-url with a Nextcloud in a container', () => {
  it('is refused with the way to do it', async () => {
    const flags = { nextcloud: 'container', 'server-url': ['http://127.0.0.1:8001/mcp'] }
    expect(await refusal(flags)).toMatch(
      /^--server-url needs --nextcloud <url>.*`nextcloud --container --port 8080`.*`run --nextcloud http:\/\/localhost:8080`$/,
    )
  })
})

describe('words of a command', () => {
  it.each([
    ['', []],
    [' a  b\tc\n', ['a', 'b', 'c']],
    [`'a b' "c d"e f\\ g`, ['a b', 'c de', 'f g']],
    [`"a \\" b" 'c "d' ''`, ['a " b', 'c "d', '']],
    ['$HOME *', ['$HOME', '*']],
    [String.raw`"a\nb"`, [String.raw`a\nb`]],
  ])('%j are %j', (text, words) => {
    expect(splitWords(text, 'x')).toEqual(words)
  })

  it.each([`'a`, `a "b`, 'a\\'])('%j has an open end', (text) => {
    expect(() => splitWords(text, '--x')).toThrow(/--x has a quote without its partner/)
  })
})
