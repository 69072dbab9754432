import { createHash } from 'node:crypto'
import type { EmbeddedContext } from '../../context.js'
import type { AccessTokenRow } from '../../store.js'

/** What stands against a code_verifier (RFC 7636 4.6), or `undefined`. */
export function verifierComplaint(
  ctx: EmbeddedContext,
  row: AccessTokenRow,
  verifier: string,
): string | undefined {
  if (row.codeChallenge === '') {
    const ignored = verifier === '' || ctx.profile.quirks.weakPkce || ctx.mutants.has('n-pkce-downgrade')
    return ignored ? undefined : 'code_verifier without code_challenge.'
  }
  if (verifier === '') {
    return ctx.mutants.has('n-pkce-verifier-optional') ? undefined : 'code_verifier required for PKCE flow.'
  }
  const wellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  const derived =
    row.codeChallengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  const fits =
    derived === row.codeChallenge ||
    (ctx.mutants.has('n-pkce-compare-prefix') && startsAlike(derived, row.codeChallenge)) ||
    (ctx.mutants.has('n-pkce-tries-plain') && verifier === row.codeChallenge)
  return wellFormed && fits ? undefined : 'Invalid code_verifier.'
}

function startsAlike(one: string, other: string): boolean {
  return one.slice(0, 40) === other.slice(0, 40)
}
