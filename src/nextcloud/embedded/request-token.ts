import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionRow } from './store.js'

const TOKEN_BYTES = 32

/**
 * The session's CSRF token in the masked form that pages carry, `base64(token XOR mask):base64(mask)`; another one on
 * each call. The session gets its token with the first page.
 */
export function requestToken(session: SessionRow): string {
  if (session.csrfToken === '') session.csrfToken = randomBytes(TOKEN_BYTES).toString('base64')
  const mask = randomBytes(TOKEN_BYTES)
  return `${xor(Buffer.from(session.csrfToken, 'base64'), mask).toString('base64')}:${mask.toString('base64')}`
}

/** Whether a masked token is one of this session's. */
export function isRequestToken(session: SessionRow, masked: string): boolean {
  const [hidden = '', mask = ''] = masked.split(':')
  const token = xor(Buffer.from(hidden, 'base64'), Buffer.from(mask, 'base64'))
  const expected = Buffer.from(session.csrfToken, 'base64')
  return expected.length === TOKEN_BYTES && token.length === TOKEN_BYTES && timingSafeEqual(token, expected)
}

function xor(left: Buffer, right: Buffer): Buffer {
  if (left.length !== right.length) return Buffer.alloc(0)
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
}
