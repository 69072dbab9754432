import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveRunOptions, type RunOptions } from '../../src/config/options.js'
import { RUN_OPTIONS } from '../../src/config/schema.js'
import { DEFAULT_WINDOWS } from '../../src/engine/prepare.js'
import { UsageError } from '../../src/errors.js'

const CHECK_IDS = ['rs.prm.resource-identical', 'rs.token.audience', 'discovery.issuer-match']
const PASSWORDS = { NCMC_ALICE_PASSWORD: 'pw-of-alice', NCMC_BOB_PASSWORD: 'pw-of-bob' }
const ATTACHED = { nextcloud: 'http://localhost:8080' }

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-options-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

function resolve(flags: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}): Promise<RunOptions> {
  return resolveRunOptions({ flags, env, cwd }, CHECK_IDS)
}

async function refusal(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = {}): Promise<UsageError> {
  const error: unknown = await resolve(flags, env).catch((thrown: unknown) => thrown)
  if (!(error instanceof UsageError)) throw new Error(`not refused: ${String(error)}`)
  return error
}

function configFile(values: unknown, name = 'nc-mcp-conformance.config.json'): Promise<void> {
  return writeFile(join(cwd, name), typeof values === 'string' ? values : JSON.stringify(values))
}

describe('the options of a run', () => {
  it('judge both reference servers on the embedded Nextcloud by default, frozen', async () => {
    const options = await resolve()
    expect(options.settings).toEqual({
      nextcloud: 'embedded',
      profile: 'oidc-2.0.9',
      targets: { basic: { kind: 'reference' }, oauth: { kind: 'reference' } },
      suites: [],
      checks: [],
      userAgent: 'browser',
      tokenFormat: 'any',
      mutants: [],
      revision: '2025-11-25',
      windows: DEFAULT_WINDOWS,
    })
    expect(options.reportDir).toBe('nc-mcp-conformance-report')
    expect(options.workers).toBeLessThanOrEqual(4)
    expect(Object.isFrozen(options) && Object.isFrozen(options.settings.windows)).toBe(true)
  })

  it('come from flags before environment before file before defaults', async () => {
    await configFile({ userAgent: 'http', workers: 3, reportDir: 'from-file', suite: ['tools'] })
    const env = { NCMC_WORKERS: '2', NCMC_REPORT_DIR: 'from-env', NCMC_SUITE: 'discovery, tokens' }
    const options = await resolve({ 'report-dir': 'from-flag' }, env)
    expect(options.reportDir).toBe('from-flag')
    expect(options.workers).toBe(2)
    expect(options.settings.suites).toEqual(['discovery', 'tokens'])
    expect(options.settings.userAgent).toBe('http')
    expect(options.settings.revision).toBe('2025-11-25')
  })

  it('take a shard', async () => {
    expect((await resolve({ shard: '2/12' })).settings.shard).toEqual({ index: 2, total: 12 })
    expect((await resolve({}, { NCMC_SHARD: '1/1' })).settings.shard).toEqual({ index: 1, total: 1 })
    expect((await resolve()).settings).not.toHaveProperty('shard')
  })

  it('have a flag and a variable each, and secrets have no flag', async () => {
    const secrets = RUN_OPTIONS.filter(({ meta }) => meta.secret === true).map(({ key }) => key)
    expect(secrets).toEqual(['alicePassword', 'bobPassword'])
    expect(RUN_OPTIONS.find(({ key }) => key === 'clockSkewSeconds')).toMatchObject({
      flag: 'clock-skew-seconds',
      variable: 'NCMC_CLOCK_SKEW_SECONDS',
      type: 'integer',
      defaultValue: 60,
    })
    const options = await resolve({ ...ATTACHED, 'alice-password': 'from a flag' }, PASSWORDS)
    expect(options.settings.nextcloud).toMatchObject({ users: { alice: { password: 'pw-of-alice' } } })
  })

  it('take an attached Nextcloud with the users and passwords of the environment or of the file', async () => {
    await configFile({ bobPassword: 'pw-in-file' })
    const options = await resolve({ ...ATTACHED, alice: 'carol' }, { NCMC_ALICE_PASSWORD: 'pw-of-carol' })
    expect(options.settings.nextcloud).toEqual({
      url: 'http://localhost:8080',
      users: {
        alice: { userId: 'carol', password: 'pw-of-carol', displayName: 'carol', email: '' },
        bob: { userId: 'bob', password: 'pw-in-file', displayName: 'bob', email: '' },
      },
    })
  })

  it('take a Nextcloud in a container, with its image, database and apps', async () => {
    const options = await resolve({
      nextcloud: 'container',
      'nextcloud-version': '33',
      database: 'mariadb',
      app: ['oidc@1.9.0', 'notes=./notes.tar.gz'],
      fresh: true,
    })
    expect(options.settings.nextcloud).toEqual({
      container: {
        version: '33',
        database: 'mariadb',
        apps: [
          { id: 'oidc', version: '1.9.0' },
          { id: 'notes', archive: './notes.tar.gz' },
        ],
        fresh: true,
      },
    })
  })
})

describe('servers', () => {
  const url = 'http://127.0.0.1:8001/mcp'

  it.each([
    [{ mode: 'basic' }, { basic: { kind: 'reference' } }],
    [
      { 'server-command': ['node s.js --a=b,c'] },
      {
        basic: { kind: 'command', command: 'node s.js --a=b,c' },
        oauth: { kind: 'command', command: 'node s.js --a=b,c' },
      },
    ],
    [{ 'server-command': ['basic=node s.js'] }, { basic: { kind: 'command', command: 'node s.js' } }],
    [{ ...ATTACHED, 'server-url': [`oauth=${url}`] }, { oauth: { kind: 'url', url } }],
    [{ ...ATTACHED, 'server-url': [url], mode: 'oauth' }, { oauth: { kind: 'url', url } }],
    [
      { ...ATTACHED, 'server-url': [`oauth=${url}`], 'server-command': ['basic=node s.js'] },
      { basic: { kind: 'command', command: 'node s.js' }, oauth: { kind: 'url', url } },
    ],
  ])('of %j are judged in the modes that they were given for', async (flags, targets) => {
    const options = await resolve(flags, PASSWORDS)
    expect(options.settings.targets).toEqual(targets)
  })

  it('are started with the folder of the user in their command', async () => {
    const options = await resolve({ 'server-command': ['basic=node {cwd}/s.js --port {port}'] })
    const command = `node ${cwd}/s.js --port {port}`
    expect(options.settings.targets).toEqual({ basic: { kind: 'command', command } })
  })

  it.each([
    [{ 'server-url': [url] }, /--server-url needs --nextcloud/],
    [{ ...ATTACHED, 'server-url': [`oauth=${url}`], mode: 'both' }, /no server was given for basic mode/],
    [{ ...ATTACHED, 'server-url': [`oauth=${url}`], mode: 'basic' }, /no server was given for basic mode/],
    [
      { 'server-command': ['basic=a', 'oauth=b'], mode: 'basic' },
      /a server for oauth mode, which --mode leaves out/,
    ],
    [{ 'server-command': ['a', 'basic=b'] }, /basic mode was given two servers/],
    [{ ...ATTACHED, 'server-url': ['oauth=localhost:8001'] }, /--server-url must be a URL/],
    [{ 'server-command': ['basic='] }, /--server-command needs a value/],
  ])('of %j are refused', async (flags, message) => {
    expect((await refusal(flags, PASSWORDS)).message).toMatch(message)
  })
})

describe('wrong input is refused, naming what the user wrote and the nearest valid name', () => {
  it.each([
    [{ suite: ['discvery'] }, {}, /--suite: there is no suite "discvery"; did you mean discovery\?.*list/],
    [
      { check: ['rs.token.audence'] },
      {},
      /--check: there is no check "rs.token.audence"; did you mean rs.token.audience\?/,
    ],
    [
      {},
      { NCMC_CHECK: 'issuer-match' },
      /NCMC_CHECK: there is no check "issuer-match"; did you mean discovery.issuer-match\?/,
    ],
    [
      { mutant: ['s-aud-uncheked'] },
      {},
      /there is no mutant "s-aud-uncheked"; did you mean s-aud-unchecked\?/,
    ],
    [
      { profile: 'oidc-2.0.8' },
      {},
      /there is no profile "oidc-2.0.8"; did you mean oidc-2.0.9\? \(valid are oidc-2.0.9, oidc-1.9.0, strict\)/,
    ],
    [{ mode: 'oath' }, {}, /--mode cannot be "oath"; did you mean oauth\?/],
    [{ revision: '2025-11-26' }, {}, /there is no revision .* did you mean 2025-11-25\?/],
    [{ server: 'refrence' }, {}, /did you mean reference\?/],
    [{}, { NCMC_USER_AGENT: 'browsr' }, /NCMC_USER_AGENT cannot be "browsr"; did you mean browser\?/],
    [{}, { NCMC_SUIT: 'discovery' }, /no environment variable "NCMC_SUIT"; did you mean NCMC_SUITE\?/],
    [{ workers: '0' }, {}, /--workers must be at least 1, not "0"/],
    [{ workers: 'many' }, {}, /--workers must be a whole number, not "many"/],
    [{}, { NCMC_QUIET: 'maybe' }, /NCMC_QUIET must be true or false, not "maybe"/],
    [{ mode: ['basic', 'oauth'] }, {}, /--mode was given 2 times/],
    [{ 'clock-skew-seconds': '601' }, {}, /at most 600/],
    ...['0/2', '3/2', '2', '1/0', '1/2/3', '-1/2', '1.5/2', '01/2', 'one/two', '1/', '1/10000'].map(
      (text): [Record<string, unknown>, NodeJS.ProcessEnv, RegExp] => [
        { shard: text },
        {},
        new RegExp(`^--shard must be <i>/<n> with i from 1 to n, e\\.g\\. 1/4, not "${text}"$`),
      ],
    ),
    [{}, { NCMC_SHARD: '5/4' }, /^NCMC_SHARD must be <i>\/<n>/],
    [
      { nextcloud: 'embeded' },
      {},
      /--nextcloud must be embedded, container or a URL; did you mean embedded\?/,
    ],
    [{ nextcloud: 'contianer' }, {}, /did you mean container\?/],
    [{ fresh: true }, {}, /--fresh is for a Nextcloud in a container: add --nextcloud container/],
    [{ nextcloud: 'container', app: ['oidc@'] }, {}, /--app must be <id>/],
    [
      { nextcloud: 'container', 'nextcloud-image': 'mine', 'nextcloud-version': '33' },
      {},
      /--nextcloud-image and --nextcloud-version exclude each other/,
    ],
    [{ nextcloud: 'ftp://host' }, PASSWORDS, /http:\/\/ or https:\/\//],
    [{ ...ATTACHED }, { NCMC_ALICE_PASSWORD: 'x' }, /NCMC_BOB_PASSWORD is not set/],
    [{ ...ATTACHED, alice: 'bob' }, PASSWORDS, /two different users/],
    [{ alice: 'carol' }, {}, /attached Nextcloud/],
    [{ ...ATTACHED, mutant: ['n-code-replay'] }, PASSWORDS, /--mutant n-code-replay: only/],
    [{ 'server-command': ['x'], mutant: ['s-aud-unchecked'] }, {}, /--mutant s-aud-unchecked: only/],
  ])('%j %j', async (flags, env, message) => {
    expect((await refusal(flags, env)).message).toMatch(message)
  })

  it('without quoting credentials', async () => {
    const error = await refusal({ nextcloud: 'http://alice:hunter2@localhost' }, PASSWORDS)
    expect(error.message).toContain('--nextcloud must not hold credentials')
    expect(error.message).not.toContain('hunter2')
    await configFile({ alicePassword: ['hunter2'] })
    const secret = await refusal({})
    expect(secret.message).toContain('"alicePassword" in nc-mcp-conformance.config.json must be a text')
    expect(secret.message).not.toContain('hunter2')
  })
})

describe('the configuration file', () => {
  it('is refused with an unknown option, with the nearest one', async () => {
    await configFile({ 'server-url': 'x' })
    expect((await refusal({})).message).toMatch(
      /nc-mcp-conformance.config.json: there is no option "server-url"; did you mean serverUrl\?/,
    )
  })

  it('may be a module, and is named by --config or NCMC_CONFIG', async () => {
    await configFile('export default { workers: 3, suite: "tools" }', 'own.mjs')
    expect((await resolve({ config: 'own.mjs' })).settings.suites).toEqual(['tools'])
    expect((await resolve({}, { NCMC_CONFIG: 'own.mjs' })).workers).toBe(3)
  })

  it.each([
    ['{ "workers": ', undefined, /is not valid JSON/],
    ['[]', undefined, /one object/],
    ['export default 1', 'nc-mcp-conformance.config.mjs', /one object/],
    ['throw new Error("x")', 'nc-mcp-conformance.config.mjs', /cannot be imported/],
  ])('%s is refused', async (text, name, message) => {
    await configFile(text, name)
    expect((await refusal({})).message).toMatch(message)
  })

  it('is refused when it is missing, and when there are two', async () => {
    expect((await refusal({ config: 'missing.json' })).message).toMatch(/there is no file missing.json/)
    await configFile({})
    await configFile('export default {}', 'nc-mcp-conformance.config.mjs')
    expect((await refusal({})).message).toMatch(/both exist/)
  })
})
