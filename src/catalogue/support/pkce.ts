import { createHash, randomBytes } from 'node:crypto'

/** Random text of this many characters, all of which may be in a code_verifier (RFC 7636 §4.1). */
export function randomVerifier(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length)
}

/** The code_challenge of a verifier by the method S256 (RFC 7636 §4.2). */
export function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}
