import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { SUITES, type Mutant } from '../catalogue/check.js'
import { TOKEN_FORMATS } from '../catalogue/context.js'
import { NEXTCLOUD_MUTANTS } from '../nextcloud/embedded/mutants.js'
import { DATABASES, NEXTCLOUD_VERSIONS } from '../nextcloud/container/options.js'
import { DEFAULT_PROFILE, PROFILE_NAMES } from '../nextcloud/embedded/profiles.js'
import { CALLBACK_MUTANTS } from '../oauth/callback-mutants.js'
import { SERVER_MUTANTS } from '../servers/mutants.js'
import { REPORTERS } from '../reporter-names.js'
import { REVISIONS } from '../servers/server.js'
import { parseShard } from './shard.js'
import { serverImageEntry, targetsSchema } from './target-schema.js'

/** Ids of all mutants: of the embedded Nextcloud, of the reference servers, of the callback listener. */
export const MUTANT_IDS = [NEXTCLOUD_MUTANTS, SERVER_MUTANTS, CALLBACK_MUTANTS].flatMap((set) =>
  Object.keys(set),
) as [Mutant, ...Mutant[]]

/** What the command line adds to an option's type. */
export interface OptionMeta {
  /** Shown in the help text, e.g. `<url>`. */
  readonly placeholder?: string
  /** Comes from the environment or a file, never from a flag. */
  readonly secret?: true
  /** Only in a configuration file: no flag and no variable could hold it. */
  readonly fileOnly?: true
  /** How a text from the environment becomes a list. Default: commas; `lines` for values that hold commas. */
  readonly separator?: 'lines'
  /** What one value is called in an error message, e.g. `suite`. */
  readonly noun?: string
}

/** What is known of an option besides its type. */
export const optionMeta = z.registry<OptionMeta>()

const workersByDefault = Math.min(4, availableParallelism())

/** Every option of a run: the one source of flags, `NCMC_*` variables, configuration file, defaults and help. */
export const runOptionsSchema = z.strictObject({
  nextcloud: z
    .string()
    .default('embedded')
    .describe(
      'the Nextcloud: embedded (one of our own), container (a real one, needs Docker), or the URL of one that runs',
    )
    .register(optionMeta, { placeholder: 'embedded|container|<url>' }),
  nextcloudVersion: z
    .enum(NEXTCLOUD_VERSIONS)
    .optional()
    .describe('major version of --nextcloud container; by default 32')
    .register(optionMeta, { noun: 'Nextcloud version' }),
  nextcloudImage: z
    .string()
    .min(1)
    .optional()
    .describe('image of --nextcloud container, of the conventions of the official one')
    .register(optionMeta, { placeholder: '<image>' }),
  database: z
    .enum(DATABASES)
    .optional()
    .describe('database of --nextcloud container; by default sqlite')
    .register(optionMeta, { noun: 'database' }),
  app: z
    .array(z.string())
    .default([])
    .describe('app of --nextcloud container: another one, a version, or an archive (repeatable)')
    .register(optionMeta, { placeholder: '<id>[@<version>|=<archive.tar.gz>]' }),
  fresh: z.boolean().default(false).describe('ignore snapshots of --nextcloud container'),
  mode: z
    .enum(['basic', 'oauth', 'both'])
    .optional()
    .describe('modes to judge; by default those that a server is given for, otherwise both'),
  server: z
    .enum(['reference'])
    .default('reference')
    .describe("the toolkit's own server")
    .register(optionMeta, { noun: 'server' }),
  serverUrl: z
    .array(z.string())
    .default([])
    .describe('MCP endpoint of a server that runs on --nextcloud, for all modes or for one (repeatable)')
    .register(optionMeta, { placeholder: '[basic=|oauth=]<url>' }),
  serverCommand: z
    .array(z.string())
    .default([])
    .describe(
      'command that starts the server, in an empty folder of its own; {port}, {mode} and {cwd} (this folder) are filled in (repeatable)',
    )
    .register(optionMeta, { placeholder: '[basic=|oauth=]<command>', separator: 'lines' }),
  serverImage: z
    .array(z.union([z.string(), serverImageEntry]))
    .default([])
    .describe('image of the server, run in a container beside the Nextcloud; needs Docker (repeatable)')
    .register(optionMeta, { placeholder: '[basic=|oauth=]<image>', separator: 'lines' }),
  serverImageCommand: z
    .array(z.string())
    .default([])
    .describe("words for the entry point of --server-image, in place of the image's own (repeatable)")
    .register(optionMeta, { placeholder: '[basic=|oauth=]<words>', separator: 'lines' }),
  serverImagePort: z
    .array(z.string())
    .default([])
    .describe('port on which --server-image listens inside its container; by default 8000 (repeatable)')
    .register(optionMeta, { placeholder: '[basic=|oauth=]<n>' }),
  serverImagePath: z
    .array(z.string())
    .default([])
    .describe('path of the MCP endpoint of --server-image; by default /mcp (repeatable)')
    .register(optionMeta, { placeholder: '[basic=|oauth=]<path>' }),
  serverImageReadyPath: z
    .array(z.string())
    .default([])
    .describe('path of --server-image that answers once it is ready; by default the endpoint (repeatable)')
    .register(optionMeta, { placeholder: '[basic=|oauth=]<path>' }),
  serverEnv: z
    .array(z.string())
    .default([])
    .describe(
      'variable for --server-image or --server-command; without a value it is taken from the environment, as a secret (repeatable)',
    )
    .register(optionMeta, { placeholder: '[basic=|oauth=]<NAME>[=<value>]', separator: 'lines' }),
  targets: targetsSchema
    .optional()
    .describe('the servers by mode, each with its url, command or image and its variables')
    .register(optionMeta, { fileOnly: true }),
  suite: z
    .array(z.enum(SUITES))
    .default([])
    .describe('only these suites (repeatable)')
    .register(optionMeta, { placeholder: '<suite>', noun: 'suite' }),
  check: z
    .array(z.string())
    .default([])
    .describe('only these checks (repeatable)')
    .register(optionMeta, { placeholder: '<id>', noun: 'check' }),
  shard: z
    .string()
    .refine((text) => parseShard(text) !== undefined, { error: '<i>/<n> with i from 1 to n, e.g. 1/4' })
    .optional()
    .describe('only this part of the checks; `merge` makes one report of all parts')
    .register(optionMeta, { placeholder: '<i>/<n>' }),
  userAgent: z
    .enum(['browser', 'http'])
    .default('browser')
    .describe('who logs in and consents: a real Chromium, or form posts'),
  tokenFormat: z
    .enum(['any', ...TOKEN_FORMATS])
    .default('any')
    .describe(
      'access tokens that the server accepts; one that refuses opaque ones is judged with JWTs alone',
    ),
  mutant: z
    .array(z.enum(MUTANT_IDS))
    .default([])
    .describe('switch on a deliberate fault (repeatable)')
    .register(optionMeta, { placeholder: '<id>', noun: 'mutant' }),
  profile: z
    .enum(PROFILE_NAMES)
    .default(DEFAULT_PROFILE)
    .describe('release of the oidc app that the embedded Nextcloud plays, or whose known deviations apply')
    .register(optionMeta, { noun: 'profile' }),
  revision: z
    .enum(REVISIONS)
    .default('2025-11-25')
    .describe('MCP protocol revision')
    .register(optionMeta, { noun: 'revision' }),
  baseline: z
    .string()
    .min(1)
    .optional()
    .describe('file of findings that are accepted, each with its reason; `baseline update` writes it')
    .register(optionMeta, { placeholder: '<file>' }),
  reportDir: z
    .string()
    .min(1)
    .default('nc-mcp-conformance-report')
    .describe('folder for the reports')
    .register(optionMeta, { placeholder: '<folder>' }),
  reporter: z
    .array(z.enum(REPORTERS))
    .default([])
    .describe(
      'forms of the report (repeatable); by default html, json, junit and markdown, and github in GitHub Actions; json is always there',
    )
    .register(optionMeta, { placeholder: REPORTERS.join('|'), noun: 'reporter' }),
  workers: z
    .int()
    .min(1)
    .max(64)
    .default(workersByDefault)
    .describe('processes that run checks at the same time; by default one per processor, at most 4')
    .register(optionMeta, { placeholder: '<n>' }),
  quiet: z.boolean().default(false).describe('print only what is unexpected'),
  alice: z
    .string()
    .min(1)
    .default('alice')
    .describe('user id of the first person, on an attached Nextcloud')
    .register(optionMeta, { placeholder: '<user id>' }),
  bob: z
    .string()
    .min(1)
    .default('bob')
    .describe('user id of the second person, on an attached Nextcloud')
    .register(optionMeta, { placeholder: '<user id>' }),
  alicePassword: z
    .string()
    .min(1)
    .optional()
    .describe("the first person's password")
    .register(optionMeta, { secret: true }),
  bobPassword: z
    .string()
    .min(1)
    .optional()
    .describe("the second person's password")
    .register(optionMeta, { secret: true }),
  clockSkewSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(60)
    .describe('clock skew that a server may allow, seconds')
    .register(optionMeta, { placeholder: '<n>' }),
  revocationSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(300)
    .describe('how long a server may accept a revoked token, seconds')
    .register(optionMeta, { placeholder: '<n>' }),
  upstreamTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(15_000)
    .describe('longest answer of a server whose Nextcloud is silent, ms')
    .register(optionMeta, { placeholder: '<n>' }),
  startupTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(15_000)
    .describe('longest start of a server, ms')
    .register(optionMeta, { placeholder: '<n>' }),
})

/** Options as they come out of flags, environment, file and defaults, before they are made sense of together. */
export type RunInput = z.output<typeof runOptionsSchema>
export type OptionKey = keyof RunInput

/** One option, described for flags and help. */
export interface OptionDescription {
  readonly key: OptionKey
  /** Without dashes, e.g. `report-dir`. */
  readonly flag: string
  /** E.g. `NCMC_REPORT_DIR`. */
  readonly variable: string
  readonly type: 'string' | 'array' | 'boolean' | 'integer' | 'object'
  readonly choices?: readonly string[]
  readonly description: string
  readonly defaultValue?: unknown
  readonly meta: OptionMeta
}

/** All options of a run, in the order of the help text. */
export const RUN_OPTIONS: readonly OptionDescription[] = describeOptions()

function describeOptions(): OptionDescription[] {
  const { properties = {} } = z.toJSONSchema(runOptionsSchema, { io: 'input' })
  return Object.entries(properties).map(([name, property]) => {
    if (typeof property === 'boolean') throw new TypeError(`option ${name} has no type`)
    const key = name as OptionKey
    const items = typeof property.items === 'object' && !Array.isArray(property.items) ? property.items : {}
    const choices = property.enum ?? items.enum
    return {
      key,
      flag: key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      variable: `NCMC_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      type: property.type as OptionDescription['type'],
      ...(choices === undefined ? {} : { choices: choices.map(String) }),
      description: property.description ?? '',
      ...(property.default === undefined ? {} : { defaultValue: property.default }),
      meta: optionMeta.get(runOptionsSchema.shape[key]) ?? {},
    }
  })
}
