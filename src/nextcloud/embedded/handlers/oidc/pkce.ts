import { createHash } from 'node:crypto'
import type { EmbeddedContext } from '../../context.js'
import type { AccessTokenRow } from '../../store.js'

/** What stands against a code_verifier (RFC 7636 4.6), or `undefined`. */
export function verifierComplaint(
  ctx: EmbeddedContext,
  row: AccessTokenRow,
  verifier: string,
): string | undefined {
  if (row.codeChallenge === '') return undefined
  if (verifier === '') {
    return ctx.mutants.has('n-pkce-verifier-optional') ? undefined : 'code_verifier required for PKCE flow.'
  }
  const wellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  const derived =
    row.codeChallengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  return wellFormed && derived === row.codeChallenge ? undefined : 'Invalid code_verifier.'
}
