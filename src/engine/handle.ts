import { z } from 'zod'
import { TOKEN_FORMATS } from '../catalogue/context.js'
import { NEXTCLOUD_MUTANTS } from '../nextcloud/embedded/mutants.js'
import { DATABASES, NEXTCLOUD_VERSIONS } from '../nextcloud/container/options.js'
import { PROFILE_NAMES } from '../nextcloud/embedded/profiles.js'
import { CALLBACK_MUTANTS } from '../oauth/callback-mutants.js'
import { SERVER_MUTANTS } from '../servers/mutants.js'
import { MODES, REVISIONS } from '../servers/server.js'
import type { Mutant } from '../catalogue/check.js'

const MUTANT_IDS = [NEXTCLOUD_MUTANTS, SERVER_MUTANTS, CALLBACK_MUTANTS].flatMap((set) =>
  Object.keys(set),
) as [Mutant, ...Mutant[]]

const user = z.object({
  userId: z.string(),
  password: z.string(),
  displayName: z.string(),
  email: z.string(),
})

/** How a server under test can be started again; absent for servers that already run elsewhere. */
const userEnvironment = {
  /** Variables that the user gives the server; `{port}` and `{mode}` are filled in. */
  env: z.record(z.string(), z.string()).optional(),
  /** Names of those whose values are secret. */
  secretEnv: z.array(z.string()).optional(),
}

const launchSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reference') }),
  z.object({ kind: z.literal('command'), command: z.string(), ...userEnvironment }),
  z.object({
    kind: z.literal('image'),
    image: z.string(),
    ...userEnvironment,
    /** What the image's entry point gets in place of the image's own. */
    command: z.array(z.string()).optional(),
    /** Port inside the container; default 8000. */
    port: z.int().optional(),
    /** Path of the MCP endpoint; default `/mcp`. */
    path: z.string().optional(),
    /** Path that answers once the server is ready; default that of the endpoint. */
    readyPath: z.string().optional(),
  }),
])

/** The part of a container's options that text can carry, and that a run can choose. */
const containerOptions = z.object({
  version: z.enum(NEXTCLOUD_VERSIONS).optional(),
  image: z.string().optional(),
  database: z.enum(DATABASES).optional(),
  databaseImage: z.string().optional(),
  redisImage: z.string().optional(),
  apps: z
    .array(z.object({ id: z.string(), version: z.string().optional(), archive: z.string().optional() }))
    .optional(),
})

const target = z.object({ mode: z.enum(MODES), url: z.url(), launch: launchSpec.optional() })

const unavailable = z.string().describe('why this part of the run is missing; only under mutants')

const runToken = z.object({ accessToken: z.string() })

/**
 * Everything a test process must know of the run that was started elsewhere. Secret: it holds passwords and
 * tokens, so it travels in the environment of our own child process and never through a file.
 */
export const runHandleSchema = z.object({
  redactionKeyHex: z.string(),
  nextcloud: z.object({
    kind: z.enum(['embedded', 'container', 'attached']),
    profile: z.enum(PROFILE_NAMES),
    baseUrl: z.url(),
    internalUrl: z.url(),
    /** Present when one like it in a container can be started: what to start it with. */
    container: containerOptions.optional(),
  }),
  users: z.object({ alice: user, bob: user }),
  targets: z.object({ basic: target.optional(), oauth: target.optional() }),
  unavailable: z.object({ basic: unavailable, oauth: unavailable, tokens: unavailable }).partial(),
  tokens: z.record(z.string(), runToken).describe('user:format → token, e.g. `alice:jwt`'),
  userAgent: z.enum(['browser', 'http']),
  tokenFormat: z.enum(['any', ...TOKEN_FORMATS]),
  revision: z.enum(REVISIONS),
  mutants: z.array(z.enum(MUTANT_IDS)),
  windows: z.object({
    clockSkewSeconds: z.number(),
    upstreamTimeoutMs: z.number(),
    startupTimeoutMs: z.number(),
  }),
  suites: z.array(z.string()),
  checks: z.array(z.string()),
  shard: z.object({ index: z.int().positive(), total: z.int().positive() }).optional(),
})

export type RunHandle = z.infer<typeof runHandleSchema>
export type TargetHandle = z.infer<typeof target>
export type LaunchSpec = z.infer<typeof launchSpec>

/** All mutants, by kind. */
export function splitMutants(mutants: readonly Mutant[]): {
  nextcloud: (keyof typeof NEXTCLOUD_MUTANTS)[]
  server: (keyof typeof SERVER_MUTANTS)[]
  callback: (keyof typeof CALLBACK_MUTANTS)[]
} {
  return {
    nextcloud: mutants.filter((id): id is keyof typeof NEXTCLOUD_MUTANTS => id in NEXTCLOUD_MUTANTS),
    server: mutants.filter((id): id is keyof typeof SERVER_MUTANTS => id in SERVER_MUTANTS),
    callback: mutants.filter((id): id is keyof typeof CALLBACK_MUTANTS => id in CALLBACK_MUTANTS),
  }
}
