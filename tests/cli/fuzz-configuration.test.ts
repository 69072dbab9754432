import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baselineSchema, BASELINE_VERDICTS } from '../../src/baseline-schema.js'
import { CHECKS } from '../../src/catalogue/index.js'
import { printError } from '../../src/cli/errors.js'
import { exitCodeOfEnding } from '../../src/cli/exit-code.js'
import { configJsonSchema } from '../../src/config/file-schema.js'
import { resolveRunOptions } from '../../src/config/options.js'
import { RUN_OPTIONS } from '../../src/config/schema.js'
import { cli, type CliRun } from './support.js'

const JSON_FILE = 'nc-mcp-conformance.config.json'
const SECRET = 'hunter2-hunter2'
const CHECK_IDS = CHECKS.map(({ id }) => id)

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-fuzz-config-'))
})
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true })
})

/** What the command line prints of a mistake in its options; exit code 0 when they are right. Nothing is run. */
async function resolved(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = {},
): Promise<CliRun> {
  let err = ''
  try {
    await resolveRunOptions({ flags, env, cwd }, CHECK_IDS)
    return { code: 0, out: '', err }
  } catch (error) {
    printError(error, { write: (text) => void (err += text) }, env)
    return { code: exitCodeOfEnding({ kind: 'error', error }), out: '', err }
  }
}

async function resolvedFile(text: string, name = JSON_FILE): Promise<CliRun> {
  await writeFile(join(cwd, name), text)
  return resolved({ config: name })
}

/** The text of the one message of a mistake; fails for everything else. */
function messageOf({ code, out, err }: CliRun): string {
  expect(err).toMatch(/^error: .+ \[NCMC_(USAGE|UNKNOWN_NAME|REPORT_DIR)\]\n$/)
  expect(err).not.toMatch(/\n\s+at |undefined|\[object |node_modules/)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  return err
}

/** Either it works, or it is refused in one line: nothing else. */
function expectNoCrash(outcome: CliRun): void {
  if (outcome.code !== 0) messageOf(outcome)
}

/** Another name that is one letter away. */
const misspelt = (name: string, names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(name.length - 1), fc.constantFrom('drop', 'double', 'swap'), fc.constantFrom('x', 'z', 'q'))
    .map(([at, how, letter]) => {
      const [head, tail] = [name.slice(0, at), name.slice(at + 1)]
      return how === 'drop'
        ? head + tail
        : how === 'double'
          ? `${head}${letter}${name.slice(at)}`
          : head + letter + tail
    })
    .filter((other) => !names.includes(other) && other.length > 2)

const WHOLE = {
  nextcloud: 'embedded',
  alicePassword: SECRET,
  baseline: 'b.json',
  targets: {
    basic: { command: 'a', env: { OWN_TOKEN: SECRET } },
    oauth: { image: 'b', command: ['c'], port: 1, path: '/mcp', readyPath: '/ready' },
  },
}

/** Every object of the configuration whose members are fixed, with the names that it may have. */
const PLACES: readonly { readonly path: readonly string[]; readonly names: readonly string[] }[] = [
  { path: [], names: [...RUN_OPTIONS.map(({ key }) => key), '$schema'] },
  { path: ['targets'], names: ['basic', 'oauth'] },
  ...['basic', 'oauth'].map((mode) => ({
    path: ['targets', mode],
    names: ['url', 'command', 'image', 'env', 'port', 'path', 'readyPath'],
  })),
]

/** The whole configuration with one more member. */
function withMember(path: readonly string[], name: string, value: unknown): unknown {
  const config = structuredClone(WHOLE) as Record<string, unknown>
  const place = path.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    config,
  )
  place[name] = value
  return config
}

describe('a wrong configuration file is refused in one line that names it', () => {
  it('for an unknown member, however deep, with the nearest valid name', () =>
    fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...PLACES)
          .chain(({ path, names }) =>
            fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(path), misspelt(name, names))),
          ),
        fc.jsonValue(),
        async ([path, typo], value) => {
          const message = messageOf(await resolvedFile(JSON.stringify(withMember(path, typo, value))))
          expect(message).toContain(JSON_FILE)
          expect(message).toContain(JSON.stringify(typo))
          expect(message).toMatch(/did you mean [\w$]+\?/)
          for (const key of path) expect(message).toContain(`"${key}"`)
          expect(message).not.toContain(SECRET)
        },
      ),
      { numRuns: 150 },
    ))

  it('for values of the wrong kind, as the published schema says', () => {
    const valid = new Ajv2020({ strict: false }).compile(configJsonSchema())
    const keys = RUN_OPTIONS.map(({ key }) => key)
    return fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), async (key, value) => {
        const outcome = await resolvedFile(JSON.stringify({ [key]: value }))
        if (valid({ [key]: value })) {
          expectNoCrash(outcome)
          return
        }
        const message = messageOf(outcome)
        expect(message).toContain(JSON_FILE)
        expect(message).toContain(`"${key}"`)
        const secret = RUN_OPTIONS.find((option) => option.key === key)?.meta.secret === true
        if (secret) expect(message).not.toContain(', not ')
      }),
      { numRuns: 400 },
    )
  })

  it('for values of the wrong kind inside of targets, whose variables are never quoted', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('url', 'command', 'image', 'env', 'port', 'path', 'readyPath'),
        fc.jsonValue({ maxDepth: 2 }),
        async (name, value) => {
          const outcome = await resolvedFile(JSON.stringify(withMember(['targets', 'basic'], name, value)))
          expectNoCrash(outcome)
          if (outcome.code !== 0) expect(outcome.err).toMatch(/targets|--server|b\.json/)
          expect(outcome.err).not.toContain(SECRET)
        },
      ),
      { numRuns: 200 },
    ))

  it('for choices that do not exist, with the nearest that does', () => {
    const options = RUN_OPTIONS.filter(({ choices = [] }) => choices.some((choice) => choice.length > 3))
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...options).chain(({ key, type, choices = [] }) =>
          fc
            .constantFrom(...choices.filter((choice) => choice.length > 3))
            .chain((choice) => misspelt(choice, choices))
            .map((typo) => ({ key, typo, value: type === 'array' ? [typo] : typo })),
        ),
        async ({ key, typo, value }) => {
          const message = messageOf(await resolvedFile(JSON.stringify({ [key]: value })))
          expect(message).toContain(`"${key}" in ${JSON_FILE}`)
          expect(message).toContain(JSON.stringify(typo))
          expect(message).toMatch(/did you mean [\w.-]+\?/)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('for JSON that is broken anywhere, without quoting it', () => {
    const text = JSON.stringify({ ...WHOLE, baseline: undefined, targets: undefined }, null, 1)
    return fc.assert(
      fc.asyncProperty(
        fc.nat(text.length),
        fc.string({ maxLength: 3 }),
        fc.nat(4),
        async (at, added, gone) => {
          const broken = text.slice(0, at) + added + text.slice(at + gone)
          const outcome = await resolvedFile(broken)
          expectNoCrash(outcome)
          expect(outcome.err).not.toContain(SECRET)
          let isJson = true
          try {
            JSON.parse(broken)
          } catch {
            isJson = false
          }
          if (!isJson) expect(outcome.err).toBe(`error: ${JSON_FILE} is not valid JSON [NCMC_USAGE]\n`)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('for modules that throw anything, or are no module', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue().map((value) => `throw ${JSON.stringify(value)}`),
          fc.string({ unit: 'grapheme' }).map((text) => `throw new Error(${JSON.stringify(text)})`),
          fc.string({ maxLength: 40 }),
          fc.jsonValue().map((value) => `export default ${JSON.stringify(value)} as unknown`),
          fc.constantFrom(
            'throw Symbol()',
            'throw Object.create(null)',
            'throw { get message() { throw 1 } }',
            'export default Promise.reject(new Error("later"))',
            'export default null',
            'export const x = 1',
            'await import("./none.js")',
            'export default { suite: [{ get a() { throw new Error("x") } }] }',
            'export default { suite: () => 1 }',
            'export default new Proxy({}, { ownKeys() { throw new Error("x") } })',
          ),
        ),
        fc.constantFrom('own.ts', 'own.mts'),
        async (text, name) => {
          const outcome = await resolvedFile(text, name)
          expectNoCrash(outcome)
          if (outcome.code !== 0) expect(outcome.err).toContain(name)
        },
      ),
      { numRuns: 150 },
    ))
})

describe('a wrong command line or environment is refused in one line', () => {
  it('for a flag that does not exist, with the nearest that does', () => {
    const flags = RUN_OPTIONS.filter(({ meta }) => meta.secret !== true && meta.fileOnly !== true).map(
      ({ flag }) => flag,
    )
    // A flag may be negated, and a beginning of two flags is none.
    const known = [...flags, 'config', 'help', 'version', ...RUN_OPTIONS.map(({ flag }) => flag)]
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...flags.filter((flag) => flag.length > 3)).chain((flag) => misspelt(flag, known)),
        async (typo) => {
          const message = messageOf(await cli([`--${typo}`, 'x']))
          expect(message).toContain(`"--${typo}"`)
          expect(message).toMatch(/did you mean --[\w-]+\?/)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('for a variable that does not exist, with the nearest that does', () => {
    const known = RUN_OPTIONS.filter(({ meta }) => meta.fileOnly !== true).map(({ variable }) => variable)
    const typos = fc
      .constantFrom(...known)
      .chain((name) => misspelt(name.slice('NCMC_'.length), []).map((typo) => `NCMC_${typo}`))
      .filter((name) => !known.includes(name))
    return fc.assert(
      fc.asyncProperty(typos, async (typo) => {
        const message = messageOf(await resolved({}, { [typo]: SECRET }))
        expect(message).toContain(typo)
        expect(message).toMatch(/did you mean NCMC_\w+\?/)
        expect(message).not.toContain(SECRET)
      }),
      { numRuns: 100 },
    )
  })

  it('for any value of any option', () => {
    const options = RUN_OPTIONS.filter(({ meta }) => meta.secret !== true && meta.fileOnly !== true)
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...options),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.boolean(),
        async ({ flag, variable, type }, text, asVariable) => {
          const value = type === 'boolean' ? true : type === 'array' ? [text] : text
          const outcome = await (asVariable
            ? resolved({}, { [variable]: text })
            : resolved({ [flag]: value }))
          expectNoCrash(outcome)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a wrong baseline is refused in one line that names it', () => {
  const ROW = { check: 'rs.token.other-audience', mode: 'oauth', verdict: 'failed', reason: 'x' }

  it('for values of the wrong kind and members that do not exist', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ rows: fc.jsonValue() }),
          fc
            .tuple(
              fc.oneof(fc.constantFrom(...Object.keys(ROW), 'version', 'expires'), misspelt('expires', [])),
              fc.jsonValue(),
            )
            .map(([name, value]) => ({ rows: [{ ...ROW, [name]: value }] })),
          fc
            .constantFrom(...BASELINE_VERDICTS)
            .chain((verdict) =>
              misspelt(verdict, BASELINE_VERDICTS).map((typo) => ({ rows: [{ ...ROW, verdict: typo }] })),
            ),
        ),
        async (value) => {
          await writeFile(join(cwd, 'baseline.json'), JSON.stringify(value))
          const outcome = await resolved({ baseline: 'baseline.json', config: 'empty.json' })
          if (baselineSchema.safeParse(value).success) expectNoCrash(outcome)
          else expect(messageOf(outcome)).toContain('baseline.json')
        },
      ),
      { numRuns: 300 },
    ))

  beforeAll(() => writeFile(join(cwd, 'empty.json'), '{}'))
})
