import { z } from 'zod'
import { baselineRowSchema } from '../baseline-schema.js'
import { CELL_MODES, SUITES } from '../catalogue/check.js'

/** Verdicts of a cell, in the order reports list them (worst first). */
export const VERDICTS = [
  'error',
  'failed',
  'not-testable',
  'warning',
  'known-deviation',
  'not-applicable',
  'passed',
] as const
export type Verdict = (typeof VERDICTS)[number]

/** What became of the rows of a baseline; see `engine/baseline.ts`. */
export const BASELINE_STATES = [
  'stale',
  'expired',
  'other-verdict',
  'accepted',
  'other-version',
  'not-run',
] as const
export type BaselineState = (typeof BASELINE_STATES)[number]

const headers = z.record(z.string(), z.string())

/** One recorded request and its answer; secrets are fingerprints, bodies are capped. */
export const exchangeSchema = z.object({
  kind: z.literal('exchange'),
  number: z.int().positive(),
  atMs: z.int(),
  durationMs: z.number(),
  request: z.object({ method: z.string(), url: z.string(), headers, body: z.string().optional() }),
  response: z
    .object({ status: z.int(), headers, body: z.string().optional() })
    .optional()
    .describe('absent when the request failed; then `failure` says how'),
  failure: z.string().optional(),
})

export const evidenceSchema = z.discriminatedUnion('kind', [
  exchangeSchema,
  z.object({ kind: z.literal('note'), text: z.string() }),
  z.object({
    kind: z.literal('screenshot'),
    name: z.string(),
    file: z.string().describe('path of the PNG relative to the report folder'),
  }),
])

export const findingSchema = z.object({
  id: z.string(),
  message: z.string(),
  expected: z.unknown().optional(),
  observed: z.unknown().optional(),
  level: z.literal('SHOULD').optional(),
  knownDeviation: z.string().optional().describe('what the deviation means for an MCP server'),
})

export const resultSchema = z.object({
  check: z.string(),
  suite: z.enum(SUITES),
  mode: z.enum(CELL_MODES),
  verdict: z.enum(VERDICTS),
  level: z.enum(['MUST', 'SHOULD', 'MAY-when-offered', 'INFO']),
  projectRule: z.boolean(),
  title: z.string(),
  source: z.array(z.object({ label: z.string(), url: z.url() })),
  covers: z.array(z.string()).optional().describe('names under which others know tests of this rule'),
  message: z.string(),
  findings: z.array(findingSchema),
  observed: z.unknown().optional(),
  evidence: z.array(evidenceSchema),
  outOfReach: z
    .literal(true)
    .optional()
    .describe('not testable because of how the server or the Nextcloud was given: it does not count'),
  baselined: z.boolean().optional().describe('the baseline accepts this verdict: it does not count'),
  durationMs: z.number(),
})

export const reportSchema = z.object({
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('nc-mcp-conformance'), version: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  exitCode: z.int(),
  shard: z
    .object({
      index: z.int().positive(),
      total: z.int().positive(),
      plannedCells: z.int().positive().describe('cells of the whole run, over all shards'),
    })
    .optional()
    .describe('the part of a run that this report is about; absent: the whole run'),
  merged: z
    .object({
      total: z.int().positive(),
      missing: z.array(z.int().positive()).describe('shards whose verdicts are not in this report'),
    })
    .optional()
    .describe('present when this report was put together from those of shards'),
  nextcloud: z.object({
    kind: z.enum(['embedded', 'container', 'attached']),
    profile: z.string().optional(),
    url: z.string(),
    version: z.string(),
    apps: z.record(z.string(), z.string()),
  }),
  userAgent: z.object({ kind: z.enum(['browser', 'http']), version: z.string() }),
  mutants: z.array(z.string()).describe('deliberate faults that were switched on; empty for a real run'),
  targets: z.array(
    z.object({
      mode: z.enum(['basic', 'oauth']),
      kind: z.enum(['reference', 'command', 'image', 'url']),
      url: z.string(),
      serverInfo: z.object({ name: z.string(), version: z.string() }).optional(),
      revision: z.string(),
    }),
  ),
  tokens: z
    .array(
      z.object({
        user: z.string(),
        format: z.enum(['opaque', 'jwt']),
        fingerprint: z.string(),
        mintedBy: z.enum(['browser', 'http']),
        durationMs: z.number(),
        evidence: z.array(evidenceSchema),
        shard: z.int().positive().optional().describe('in a merged report: the shard that minted it'),
      }),
    )
    .describe('how the tokens of the run came about'),
  logs: z
    .array(
      z.object({
        source: z.enum(['nextcloud', 'basic', 'oauth']),
        lines: z.array(z.string()),
        shard: z.int().positive().optional().describe('in a merged report: the shard that started it'),
      }),
    )
    .optional()
    .describe('last lines of the logs of what the run started; whatever could be a secret is a fingerprint'),
  results: z.array(resultSchema),
  staleDeviations: z.array(z.object({ check: z.string(), finding: z.string(), profile: z.string() })),
  baseline: z
    .object({
      file: z.string(),
      rows: z.array(
        z.object({
          ...baselineRowSchema.shape,
          state: z.enum(BASELINE_STATES),
          observed: z.enum(VERDICTS).optional().describe('verdict of the cell in this run'),
          problem: z.string().optional().describe('why there is no such cell'),
        }),
      ),
    })
    .optional()
    .describe('what the owner of the server accepts, and what became of it in this run'),
  summary: z.record(z.enum(VERDICTS), z.int()),
})

export type Exchange = z.infer<typeof exchangeSchema>
export type Evidence = z.infer<typeof evidenceSchema>
export type Result = z.infer<typeof resultSchema>
export type ResultFinding = z.infer<typeof findingSchema>
export type RunReport = z.infer<typeof reportSchema>
/** A row of a baseline after a run. */
export type JudgedRow = NonNullable<RunReport['baseline']>['rows'][number]

const UNEXPECTED: ReadonlySet<Verdict> = new Set(['failed', 'warning', 'not-testable'])

/** Whether a result counts against a run: a finding, or a check that broke, and nothing that explains it. */
export function isUnexpected({
  verdict,
  baselined,
  outOfReach,
}: Pick<Result, 'verdict' | 'baselined' | 'outOfReach'>): boolean {
  return UNEXPECTED.has(verdict) && baselined !== true && outOfReach !== true
}

/** The `summary` of a report. */
export function countVerdicts(results: readonly Pick<Result, 'verdict'>[]): Record<Verdict, number> {
  const summary = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>
  for (const { verdict } of results) summary[verdict] += 1
  return summary
}
