import { z } from 'zod'
import type { PropagationLag } from './consistency.js'

/** About eleven days: as good as never. */
const MAX_MS = 1_000_000_000

const milliseconds = z.number().min(0).max(MAX_MS)

const delay = z.union(
  [
    milliseconds,
    z.strictObject({ kind: z.literal('constant'), ms: milliseconds }),
    z
      .strictObject({ kind: z.literal('uniform'), minMs: milliseconds, maxMs: milliseconds })
      .refine(({ minMs, maxMs }) => minMs <= maxMs, { path: ['maxMs'], message: 'must not be below minMs' }),
    z.strictObject({
      kind: z.literal('log-normal'),
      medianMs: milliseconds,
      sigma: z.number().min(0).max(5),
    }),
  ],
  {
    error:
      'must be milliseconds (at most 1000000000), or of kind constant, uniform (min not above max) or log-normal (sigma at most 5)',
  },
)

/** A lag from outside: unknown members are errors. */
export const lagSchema = z.strictObject({
  client: delay.exactOptional(),
  redirectUri: delay.exactOptional(),
  code: delay.exactOptional(),
  token: delay.exactOptional(),
  session: delay.exactOptional(),
  registrationToken: delay.exactOptional(),
  replica: delay.exactOptional(),
  clientMs: milliseconds.exactOptional(),
  redirectUriMs: milliseconds.exactOptional(),
  seed: z.int().min(0).max(0xffff_ffff).exactOptional(),
}) satisfies z.ZodType<PropagationLag>
