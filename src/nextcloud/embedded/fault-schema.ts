import { z } from 'zod'
import { FAULT_KINDS, FAULT_SCOPES, type Fault } from '../nextcloud.js'

const HOUR_MS = 3_600_000
const DAY_SECONDS = 86_400
const MAX_URL_CHARACTERS = 2_000

/** A fault from outside: unknown members, and members that its kind does not have, are errors. */
export const faultSchema = z
  .strictObject({
    scope: z.enum(FAULT_SCOPES),
    kind: z.enum(FAULT_KINDS),
    userId: z.string().min(1).max(64).exactOptional(),
    times: z.int().min(1).max(1_000_000).exactOptional(),
    delayMs: z.int().min(0).max(HOUR_MS).exactOptional(),
    retryAfterSeconds: z.int().min(0).max(DAY_SECONDS).exactOptional(),
    location: z
      .url({ protocol: /^https?$/ })
      .max(MAX_URL_CHARACTERS)
      .exactOptional(),
  })
  .refine(({ kind, delayMs }) => delayMs === undefined || kind === 'slow', {
    path: ['delayMs'],
    message: 'only a fault of kind slow has a delay',
  })
  .refine(({ kind, retryAfterSeconds }) => retryAfterSeconds === undefined || kind === 'status-429', {
    path: ['retryAfterSeconds'],
    message: 'only a fault of kind status-429 has a Retry-After',
  })
  .refine(({ kind, location }) => (location === undefined) === (kind !== 'redirect'), {
    path: ['location'],
    message: 'a fault of kind redirect has a location, and no other',
  }) satisfies z.ZodType<Fault>
