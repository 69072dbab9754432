import { z } from 'zod'

/** Why a first authorization can fail although client, server and provider are sound. */
export const CAUSES = [
  'none',
  'replica-lag',
  'client-lag',
  'redirect-uri-lag',
  'code-lag',
  'token-lag',
  'session-lag',
  'registration-limit',
  'client-cap',
  'client-expiry',
  'registration-storm',
  'shared-client-file',
  'slow-nextcloud',
  'restarting-nextcloud',
] as const
export type Cause = (typeof CAUSES)[number]

/** The steps of a first authorization, each measured right after the write that it depends on. */
export const STEPS = [
  'read-client',
  'authorize-logged-out',
  'authorize-logged-in',
  'token',
  'userinfo',
  'api',
  'session',
] as const
export type Step = (typeof STEPS)[number]

/** What a server can do between registering and its first authorization. A remedy of the user's is `custom:<name>`. */
export const REMEDIES = [
  'none',
  'fixed-wait',
  'discovery-poll',
  'authorize-probe',
  'client-read-probe',
  'retry-first-use',
  'keep-client',
] as const
export type Remedy = (typeof REMEDIES)[number]

/** Share of successes with its Wilson score interval at 95 %. */
export const rateSchema = z.object({
  trials: z.int().nonnegative(),
  succeeded: z.int().nonnegative(),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
})
export type Rate = z.output<typeof rateSchema>

/** Absent where nothing was measured. */
export const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() })
export type Percentiles = z.output<typeof percentilesSchema>

/** An answer that was seen while a step failed, e.g. 400 `invalid_grant`; texts are redacted and capped. */
export const failingAnswerSchema = z.object({
  step: z.string().optional().describe('where it is not told by its place: a step, or register'),
  status: z.int().nullable().describe('null when there was no answer'),
  error: z.string().optional(),
  description: z.string().optional(),
  count: z.int().positive(),
})
export type FailingAnswer = z.output<typeof failingAnswerSchema>

/** One step under one cause: how often it succeeds when it is tried `delayMs` after the write it depends on. */
export const stepMeasurementSchema = z.object({
  cause: z.enum(CAUSES),
  step: z.enum(STEPS),
  points: z.array(z.object({ delayMs: z.number().nonnegative(), rate: rateSchema })),
  timeToFirstSuccessMs: percentilesSchema
    .optional()
    .describe('of the trials that began with no delay and succeeded at all; from the write on'),
  discoveryWhileFailing: rateSchema
    .optional()
    .describe('how often the discovery document answered in the trials in which this step failed'),
  failingAnswers: z.array(failingAnswerSchema),
})
export type StepMeasurement = z.output<typeof stepMeasurementSchema>

/** One remedy under one cause, on the same seeds as all others. */
export const remedyMeasurementSchema = z.object({
  cause: z.enum(CAUSES),
  remedy: z.string(),
  firstAuthorization: rateSchema,
  extraLatencyMs: percentilesSchema.describe('time that the remedy itself took, over all trials'),
  latenciesMs: z.array(z.number()).describe('one per trial, ascending, at most 1,000'),
  requests: z.object({ total: z.int(), perTrial: z.number() }),
  registrations: z
    .object({ total: z.int(), perTrial: z.number() })
    .describe('registration requests of the trials, refused ones too'),
  failingAnswers: z.array(failingAnswerSchema),
})
export type RemedyMeasurement = z.output<typeof remedyMeasurementSchema>

/** One failing trial with its requests, in order. */
export const timelineSchema = z.object({
  cause: z.enum(CAUSES),
  remedy: z.string(),
  trial: z.int().nonnegative(),
  entries: z.array(
    z.object({
      atMs: z.number().nonnegative().describe('from the start of the trial'),
      durationMs: z.number().nonnegative(),
      step: z.string().describe('a step of this laboratory, or register, wait, discovery'),
      method: z.string().optional(),
      path: z.string().optional().describe('without a query'),
      status: z.int().optional(),
      succeeded: z.boolean(),
      note: z.string().optional(),
    }),
  ),
})
export type Timeline = z.output<typeof timelineSchema>

/** What was found out about a cause, in a sentence for people. */
export const diagnosisSchema = z.object({
  cause: z.enum(CAUSES),
  sentence: z.string(),
  failingStep: z.enum([...STEPS, 'register']).optional(),
  lagMs: z.number().optional(),
})

/** How a server that was measured from the outside behaves. */
export const serverBehaviourSchema = z.object({
  cause: z.enum(CAUSES),
  registrationsPerStart: z.number().describe('registration requests, refused ones too; a mean'),
  registrationsPerSession: z
    .number()
    .describe('as above, while MCP sessions are opened; 0 where none could be'),
  firstFlow: rateSchema.describe('starts whose first session could be opened at the first ready moment'),
  failingAnswers: z
    .array(failingAnswerSchema)
    .describe('by step: start (no answer: it did not become ready), register, session'),
})
export type ServerBehaviour = z.output<typeof serverBehaviourSchema>

/** `race.json`: everything that one run of the laboratory measured. */
export const raceReportSchema = z.object({
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('nc-mcp-conformance'), version: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  seed: z.int(),
  trials: z.int().positive(),
  concurrency: z.int().positive(),
  clock: z.enum(['simulated', 'real']),
  nextcloud: z.object({
    kind: z.enum(['embedded', 'container', 'attached']),
    profile: z.string().optional(),
    url: z.string().optional(),
  }),
  lagMs: z.number().nonnegative().describe('the lag that was set where the cause is one; its median'),
  lag: z.string().optional().describe('the lag as it was given, e.g. uniform:500:4000'),
  steps: z.array(stepMeasurementSchema),
  remedies: z.array(remedyMeasurementSchema),
  timelines: z.array(timelineSchema),
  diagnoses: z.array(diagnosisSchema),
  server: z.array(serverBehaviourSchema).optional(),
  spent: z.object({ requests: z.int(), registrations: z.int(), clientsLeft: z.int() }),
})
export type RaceReport = z.output<typeof raceReportSchema>
