export type BearerCredentials =
  | { readonly status: 'present'; readonly token: string }
  /** No Authorization header, or one of another scheme. */
  | { readonly status: 'absent' }
  | { readonly status: 'malformed' }

/** Longer tokens are not looked at. Nextcloud's JWT tokens have about 1,000 characters. */
const MAX_TOKEN_LENGTH = 16 * 1024
/** RFC 6750 §2.1 `b64token`. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * Reads the token from the Authorization header, the only place where it counts: query and body are ignored
 * (MCP Authorization, Token Requirements). The scheme is compared without case (RFC 9110 §11.1). Two
 * headers arrive joined by a comma, which makes them malformed.
 */
export function readBearerToken(request: Request): BearerCredentials {
  const header = request.headers.get('Authorization')?.trim()
  if (header === undefined) return { status: 'absent' }
  const [scheme = '', ...rest] = header.split(' ')
  if (scheme.toLowerCase() !== 'bearer') return { status: 'absent' }
  const token = rest.join(' ').trimStart()
  if (token.length > MAX_TOKEN_LENGTH || !B64TOKEN.test(token)) return { status: 'malformed' }
  return { status: 'present', token }
}
