import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'

const KEY_BYTES = 32
/** Guards throw-away accounts of test instances, which log in many times a second. */
const SCRYPT = { N: 4096, r: 8, p: 1 } as const

/** Hashes that a password was found to belong to, with the password's digest: scrypt is slow on purpose. */
const verified = new Map<string, Buffer>()
const MAX_VERIFIED = 1_000

/** A salted hash that can be kept on disk, `scrypt:<salt>:<key>` in base64url. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16).toString('base64url')
  return `scrypt:${salt}:${scryptSync(password, salt, KEY_BYTES, SCRYPT).toString('base64url')}`
}

/** Whether a hash of `hashPassword` belongs to this password; false for anything that is no such hash. */
export function hashMatches(hash: string, password: string): boolean {
  const digest = createHash('sha256').update(password).digest()
  const known = verified.get(hash)
  if (known !== undefined) return timingSafeEqual(known, digest)
  const [scheme, salt, key] = hash.split(':')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const wanted = Buffer.from(key, 'base64url')
  if (wanted.length !== KEY_BYTES) return false
  if (!timingSafeEqual(scryptSync(password, salt, KEY_BYTES, SCRYPT), wanted)) return false
  if (verified.size >= MAX_VERIFIED) verified.clear()
  verified.set(hash, digest)
  return true
}
