import { PassThrough } from 'node:stream'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { askForInit, type InitAnswers } from '../../src/cli/init-questions.js'
import { configJsonSchema } from '../../src/config/file-schema.js'
import { resolveRunOptions } from '../../src/config/options.js'
import { packageVersion } from '../../src/package-root.js'
import { ACTION, type Workflow } from '../ci/workflow-files.js'
import { cli } from './support.js'

const COMMAND = 'node {{cwd}}/my server.js --it\'s "{{port}}"'
const ATTACHED = [
  ...['--nextcloud', 'http://localhost:8080', '--server-url', 'oauth=http://127.0.0.1:8001/mcp'],
  ...['--alice', 'carol', '--suite', 'tools', '--clock-skew-seconds', '5'],
]

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-init-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

const init = (...argv: readonly string[]) => cli(['init', ...argv], { cwd })
const resolved = (env: NodeJS.ProcessEnv = {}) => resolveRunOptions({ flags: {}, env, cwd }, [])
const text = (name: string) => readFile(join(cwd, name), 'utf8')

describe('init', () => {
  it.each(['ts', 'json'])('writes a .%s file that a run reads as the flags say', async (format) => {
    const { code, out, err } = await init('--server-command', `basic=${COMMAND}`, '--format', format)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^wrote nc-mcp-conformance\.config\.\w+\n/)
    expect(await readdir(cwd)).toEqual([`nc-mcp-conformance.config.${format}`])
    expect((await resolved()).settings.targets).toEqual({
      basic: { kind: 'command', command: COMMAND.replace('{{cwd}}', cwd) },
    })
  })

  it('keeps everything else that was given, without secrets', async () => {
    expect((await init(...ATTACHED, '--format', 'json')).code).toBe(0)
    const config = JSON.parse(await text('nc-mcp-conformance.config.json')) as object
    expect(config).toEqual({
      $schema: './node_modules/nc-mcp-conformance/dist/config.schema.json',
      nextcloud: 'http://localhost:8080',
      alice: 'carol',
      suite: ['tools'],
      clockSkewSeconds: 5,
      targets: { oauth: { url: 'http://127.0.0.1:8001/mcp' } },
    })
    const validate = new Ajv2020({ strict: false }).compile(configJsonSchema())
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true)
  })

  it('takes a server for both modes, or for the one of --mode', async () => {
    await init('--server-command', 'a')
    expect(Object.keys((await resolved()).settings.targets)).toEqual(['basic', 'oauth'])
    await init('--server-command', 'a', '--mode', 'oauth', '--force')
    expect(Object.keys((await resolved()).settings.targets)).toEqual(['oauth'])
    await init('--server', 'reference', '--force')
    expect((await resolved()).settings.targets).toMatchObject({ basic: { kind: 'reference' } })
  })

  it('makes the baseline that the file names, and keeps one that is there', async () => {
    await init('--server-command', 'a', '--baseline', 'accepted.json')
    expect(JSON.parse(await text('accepted.json'))).toMatchObject({ rows: [] })
    expect((await resolved()).settings.baseline).toEqual({ file: 'accepted.json', rows: [] })
    await writeFile(join(cwd, 'accepted.json'), '{ "rows": [] }')
    await init('--server-command', 'a', '--baseline', 'accepted.json', '--force')
    expect(await text('accepted.json')).toBe('{ "rows": [] }')
  })

  it('replaces nothing without --force, and leaves no second configuration file', async () => {
    await init('--server-command', 'first')
    const before = await text('nc-mcp-conformance.config.ts')
    const second = await init('--server-command', 'second', '--github')
    expect(second.code).toBe(2)
    expect(second.err).toMatch(/nc-mcp-conformance.config.ts is there already; --force replaces it/)
    expect(await text('nc-mcp-conformance.config.ts')).toBe(before)
    expect(await readdir(cwd)).toHaveLength(1)
    expect((await init('--server-command', 'x', '--format', 'json')).err).toMatch(
      /remove it first, or edit it/,
    )
    expect((await init('--server-command', 'second', '--force')).code).toBe(0)
    expect(await text('nc-mcp-conformance.config.ts')).toContain("command: 'second'")
  })

  it('shows a workflow, or writes it, with the secrets that the run needs', async () => {
    const shown = await init(...ATTACHED)
    expect(shown.out).toContain('in a GitHub workflow')
    expect(shown.out).toContain('export NCMC_ALICE_PASSWORD')
    const written = await init(...ATTACHED, '--force', '--github')
    expect(written.out).toMatch(
      /^wrote nc-mcp-conformance.config.ts, .github\/workflows\/nc-mcp-conformance.yml\n/,
    )
    const workflow = parseYaml(await text('.github/workflows/nc-mcp-conformance.yml')) as Workflow
    const step = workflow.jobs['conformance']?.steps.find(
      ({ uses }) => uses?.includes('conformance') === true,
    )
    expect(step?.uses).toMatch(new RegExp(`^[\\w-]+/nc-mcp-conformance@v${packageVersion()}$`))
    expect(step?.env).toEqual({
      NCMC_ALICE_PASSWORD: '${{ secrets.NCMC_ALICE_PASSWORD }}',
      NCMC_BOB_PASSWORD: '${{ secrets.NCMC_BOB_PASSWORD }}',
    })
    for (const name of Object.keys(step?.with ?? {})) expect(Object.keys(ACTION.inputs)).toContain(name)
    await init('--server-command', 'a', '--server-env', 'TOKEN', '--server-env', 'A=b', '--force', '--github')
    const other = await text('.github/workflows/nc-mcp-conformance.yml')
    expect(other.match(/secrets\.\w+/g)).toEqual(['secrets.TOKEN'])
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  it.each<[readonly string[], RegExp]>([
    [[], /nobody can be asked here, and no flag says how to reach the server/],
    [['--server-url', 'http://x/mcp'], /--server-url needs --nextcloud <url>/],
    [['--nextcloud', 'http://x', '--server-url', 'x'], /targets.basic.url in .*config.ts must be a URL/],
    [
      ['--server-command', 'a', '--server-command', 'basic=b'],
      /--server-command: basic mode was given two servers/,
    ],
    [
      ['--server-command', 'a', '--server-image', 'b'],
      /targets.basic in .* has command and image|list of words/,
    ],
    [['--server-command', 'a {{prt}}'], /no template "prt"; did you mean port\?/],
    [['--server-command', 'a', '--suite', 'tols'], /--suite: there is no suite "tols"; did you mean tools\?/],
    [['--server-command', 'a', '--format', 'yaml'], /--format cannot be "yaml"/],
    [['--server-command', 'a', '--nextcloud', 'embeded'], /did you mean embedded\?/],
    [['--server-command', 'a', '--clock-skew-seconds', '601'], /--clock-skew-seconds must be at most 600/],
    [['--server-command', 'a', '--shard', '1/2'], /there is no flag "--shard"/],
  ])('refuses %j and writes nothing', async (argv, message) => {
    const { code, err } = await init(...argv)
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(2)
    expect(await readdir(cwd)).toEqual([])
  })
})

describe('init on a terminal', () => {
  const answers: InitAnswers = {
    config: { nextcloud: 'embedded', mode: 'oauth', targets: { oauth: { command: 'a --port {{port}}' } } },
    format: 'json',
    github: true,
  }
  const ask = (env: NodeJS.ProcessEnv, answer: InitAnswers | undefined = answers, ...argv: string[]) => {
    let asked = 0
    const askForInit = () => {
      asked += 1
      return Promise.resolve(answer)
    }
    return cli(['init', ...argv], { cwd, env, terminal: true, services: { askForInit } }).then((run) => ({
      ...run,
      asked,
    }))
  }

  it('asks, and writes what was answered', async () => {
    expect(await ask({})).toMatchObject({ code: 0, asked: 1 })
    expect((await resolved()).settings.targets).toEqual({
      oauth: { kind: 'command', command: 'a --port {{port}}' },
    })
    expect(await readdir(cwd)).toContain('.github')
  })

  it('asks nothing in CI, nor when flags say how to reach the server', async () => {
    expect(await ask({ CI: 'true' })).toMatchObject({ code: 2, asked: 0 })
    expect(await ask({}, answers, '--server-command', 'a')).toMatchObject({ code: 0, asked: 0 })
  })

  it('writes nothing when the person stops', async () => {
    const askForInit = () => Promise.resolve(undefined)
    const run = await cli(['init'], { cwd, env: {}, terminal: true, services: { askForInit } })
    expect(run).toMatchObject({ code: 3, err: 'stopped; nothing was written\n' })
    expect(await readdir(cwd)).toEqual([])
  })
})

/** Presses keys, each once the question that it answers is on the screen. */
async function answering(keys: readonly (readonly [question: string, keys: readonly string[]])[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 })
  const left = [...keys]
  let screen = ''
  output.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    const [next] = left
    if (next === undefined || !screen.includes(next[0])) return
    left.shift()
    screen = ''
    // The first picture of a question comes before it listens.
    setImmediate(() => input.write(next[1].join('')))
  })
  const result = await askForInit({ input, output })
  return { result, left }
}

const ENTER = '\r'
const DOWN = '\u001b[B'

describe('the questions', () => {
  it('lead to a configuration', async () => {
    const { result, left } = await answering([
      ['Which Nextcloud?', [DOWN, DOWN, ENTER]],
      ['Its address', [ENTER]],
      ['Which modes', [' ', ENTER]],
      ['oauth mode reached', [DOWN, DOWN, ENTER]],
      ['MCP endpoint', [ENTER]],
      ['first test user', ['2', ENTER]],
      ['second test user', [ENTER]],
      ['Only some suites', [' ', ENTER]],
      ['time limits', ['y']],
      ['Clock skew', ['\u007f', '5', ENTER]],
      ['revoked token', [ENTER]],
      ['longest answer', [ENTER]],
      ['longest start', [ENTER]],
      ['baseline', ['y']],
      ['configuration file', [DOWN, ENTER]],
      ['GitHub', ['y']],
    ])
    expect(left).toEqual([])
    expect(result).toEqual({
      format: 'json',
      github: true,
      config: {
        nextcloud: 'http://localhost:8080',
        mode: 'oauth',
        targets: { oauth: { url: 'http://127.0.0.1:8000/mcp' } },
        alice: 'alice2',
        bob: 'bob',
        suite: ['discovery'],
        clockSkewSeconds: 65,
        baseline: 'nc-mcp-conformance.baseline.json',
      },
    })
  })

  it('ask again for what cannot be, and end when the person stops', async () => {
    const { result } = await answering([
      ['Which Nextcloud?', [DOWN, DOWN, ENTER]],
      ['Its address', ['#', 'x', ENTER]],
      ['must not have a fragment', ['\u0003']],
    ])
    expect(result).toBeUndefined()
  })
})
