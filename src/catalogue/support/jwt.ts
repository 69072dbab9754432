import { CompactSign, decodeJwt, decodeProtectedHeader } from 'jose'
import { NotTestableError } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'

export type JwtMembers = Readonly<Record<string, unknown>>

/** Header and claims of a JWT, nothing verified. */
export interface JwtContent {
  readonly header: JwtMembers
  readonly claims: JwtMembers
}

/**
 * Reads a JWT.
 *
 * @throws NotTestableError when the token is no JWT.
 */
export function readJwt(token: string): JwtContent {
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) }
  } catch {
    throw new NotTestableError('Nextcloud did not issue a JWT access token to a client that asked for one')
  }
}

/** One part of a JWT: a JSON object in base64url. Members that are `undefined` are left out. */
export function encodeJwtPart(members: object): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

/** Signs with HMAC-SHA-256; `alg` is set to HS256. */
export async function signHs256({ header, claims }: JwtContent, secret: Uint8Array): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ ...header, alg: 'HS256' })
    .sign(secret)
}

/** The token with another, well-formed signature. */
export function breakSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
  return [header, payload, bytes.toString('base64url')].join('.')
}

/** Makes access tokens of one user for one launched server, as Nextcloud would or with one thing changed. */
export interface JwtForge {
  /** Header and claims of a real token, fresh and for this server. */
  readonly real: JwtContent
  /** Signs these with Nextcloud's own key. The token is known to be secret. */
  sign(content: Partial<JwtContent>): Promise<string>
}

/** Mints a real JWT access token of alice for the server and takes it as the pattern of forged ones. */
export async function createJwtForge(
  ctx: Pick<CheckContext, 'secret'>,
  stack: PrivateStack,
  target: LaunchedTarget,
): Promise<JwtForge> {
  const { tokens } = await stack.oauth.mint('alice', { format: 'jwt', resource: target.url })
  const real = readJwt(tokens.access_token)
  return {
    real,
    async sign({ header = real.header, claims = real.claims }) {
      const token = await stack.nextcloud.twin.signJwt({ header, claims })
      ctx.secret('access_token', token)
      return token
    },
  }
}
