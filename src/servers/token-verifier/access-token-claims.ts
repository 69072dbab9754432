import * as z from 'zod'
import type { ServerMutant } from '../mutants.js'
import { scopesOf } from '../scopes.js'
import { namesThisServer } from './audience.js'
import { CLOCK_TOLERANCE_SECONDS, EXPIRED, INVALID } from './verification.js'
import type { Verification } from './verification.js'

export interface ClaimExpectations {
  readonly issuer: string
  readonly audience: string
  readonly nowSeconds: number
  readonly mutants: ReadonlySet<ServerMutant>
}

const claimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string().transform((aud) => [aud]), z.array(z.string())]).default([]),
  sub: z.string().min(1),
  client_id: z.string().min(1),
  exp: z.number(),
  nbf: z.number().optional(),
  scope: z.string().optional(),
})

/**
 * Checks the content of a JWT access token whose signature is good (RFC 9068 §2.1, §2.2, §4): its type,
 * issuer, audience, times, and that it names a user and a client.
 */
export function checkAccessTokenClaims(
  header: { readonly typ?: unknown },
  claims: unknown,
  { issuer, audience, nowSeconds, mutants }: ClaimExpectations,
): Verification {
  // An ID token is signed by the same key; only its type tells them apart.
  if (!isAccessTokenType(header.typ) && !mutants.has('s-accepts-id-token')) return INVALID
  const timesUnchecked = mutants.has('s-exp-unchecked')
  const parsed = claimsSchema.safeParse(timesUnchecked ? withoutTimes(claims) : claims)
  if (!parsed.success) return INVALID
  const { iss, aud, sub, client_id, exp, nbf, scope } = parsed.data
  if (iss !== issuer && !mutants.has('s-iss-unchecked')) return INVALID
  const isOfItsClient = aud.includes(client_id) && mutants.has('s-any-client-token')
  const isOurs = namesThisServer(aud, audience, mutants) || isOfItsClient
  if (!isOurs && !mutants.has('s-aud-unchecked')) return INVALID
  if (exp + CLOCK_TOLERANCE_SECONDS <= nowSeconds) return EXPIRED
  if (nbf !== undefined && nbf - CLOCK_TOLERANCE_SECONDS > nowSeconds) return INVALID
  const identity = { sub, clientId: client_id, scopes: scopesOf(scope) }
  return { status: 'valid', identity, expiresAtSeconds: exp }
}

/** RFC 9068 §2.1: `at+jwt`, compared as a media type: without case, `application/` may be left out. */
function isAccessTokenType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(application\/)?at\+jwt$/i.test(typ)
}

/** What `s-exp-unchecked` makes of the claims: a token that never ends. */
function withoutTimes(claims: unknown): unknown {
  return typeof claims === 'object' ? { ...claims, exp: Number.MAX_SAFE_INTEGER, nbf: undefined } : claims
}
