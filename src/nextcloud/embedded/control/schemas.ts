import { z } from 'zod'

const MAX_SHIFT_SECONDS = 10 * 366 * 24 * 3600
const userId = z.string().regex(/^[A-Za-z0-9_.@-]{1,64}$/, 'letters, digits and _.@- only, at most 64')
const password = z.string().min(1).max(469)

export const shiftSchema = z.strictObject({
  seconds: z.number().min(-MAX_SHIFT_SECONDS).max(MAX_SHIFT_SECONDS),
})

export const rotationSchema = z.strictObject({ keepOld: z.boolean().default(false) })

export const revocationSchema = z.union(
  [
    z.strictObject({ userId: z.string().min(1).max(64) }),
    z.strictObject({ clientId: z.string().min(1).max(64) }),
  ],
  { error: 'must have either userId or clientId' },
)

export const configNamesSchema = z.strictObject({
  app: z.string().regex(/^[a-z0-9_]{1,32}$/, 'no app id'),
  key: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'no configuration key'),
})

/** As `occ config:app:set` keeps it; `null` deletes the key. */
export const configValueSchema = z.strictObject({ value: z.string().max(4000).nullable() })

export const userSchema = z.strictObject({
  userId,
  password,
  displayName: z.string().min(1).max(64).exactOptional(),
  email: z.union([z.email(), z.literal('')]).exactOptional(),
})

export const passwordSchema = z.strictObject({ password })

export const listenerSchema = z.strictObject({ open: z.boolean() })
