import {
  compactVerify,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
} from 'jose'
import type { CompactJWSHeaderParameters, CompactVerifyGetKey } from 'jose'
import type { FetchLike } from '../../oauth/fetch-like.js'
import type { ServerMutant } from '../mutants.js'
import { checkAccessTokenClaims } from './access-token-claims.js'
import { verifyWithPublicKeyAsSecret } from './hs256-mutant.js'
import { isUnsigned, keysNamedBy, readUnsigned } from './signature-mutants.js'
import type { Verify } from './token-verifier.js'
import { INVALID, UNAVAILABLE } from './verification.js'
import type { Verification } from './verification.js'

export interface JwtVerifierOptions {
  readonly jwksUri: string
  readonly issuer: string
  /** The resource identifier of this server, which `aud` must name. */
  readonly audience: string
  readonly mutants: ReadonlySet<ServerMutant>
  /** Called when the authorization server cannot be reached. */
  readonly onUnreachable: () => void
  readonly fetch?: FetchLike
  /** Default `Date.now`. */
  readonly nowMs?: () => number
}

interface SignedContent {
  readonly header: CompactJWSHeaderParameters
  readonly claims: unknown
}

// An unknown kid causes a new fetch of the keys, but not more often than this.
const JWKS_COOLDOWN_MS = 1_000
const JWKS_MAX_AGE_MS = 300_000
const JWKS_TIMEOUT_MS = 5_000

/** The keys could not be had, which says nothing about the token. */
class KeysUnavailable extends Error {}

/** True for tokens whose first part is a JSON object, whatever follows: those are never looked up elsewhere. */
export function looksLikeJwt(token: string): boolean {
  if (!token.includes('.')) return false
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'))
    return typeof header === 'object' && header !== null
  } catch {
    return false
  }
}

/**
 * Verifies JWT access tokens locally (RFC 9068 §4): RS256 with the authorization server's published keys
 * and no others, then the claims.
 */
export function createJwtVerifier(options: JwtVerifierOptions): Verify {
  const { mutants, issuer, audience, nowMs = Date.now } = options
  const jwks = createRemoteJWKSet(new URL(options.jwksUri), {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
    [customFetch]: (url, init) =>
      (options.fetch ?? fetch)(url, init).catch((error: unknown) => {
        if (!init.signal.aborted) options.onUnreachable()
        throw error
      }),
  })
  const keyOf: CompactVerifyGetKey = async (header, token) => {
    try {
      return await jwks(header, token)
    } catch (error) {
      if (isAboutTheToken(error)) throw error
      throw new KeysUnavailable('no keys', { cause: error })
    }
  }

  const readSigned = async (token: string): Promise<SignedContent> => {
    if (mutants.has('s-signature-unverified')) {
      return { header: decodeProtectedHeader(token) as CompactJWSHeaderParameters, claims: decodeJwt(token) }
    }
    if (mutants.has('s-accepts-alg-none') && isUnsigned(token)) return readUnsigned(token)
    if (mutants.has('s-hs256-public-key') && decodeProtectedHeader(token).alg === 'HS256') {
      return verifyWithPublicKeyAsSecret(token, jwks)
    }
    const keys = mutants.has('s-follows-jku') ? keysNamedBy(token, keyOf) : keyOf
    const { protectedHeader, payload } = await compactVerify(token, keys, { algorithms: ['RS256'] })
    return { header: protectedHeader, claims: JSON.parse(new TextDecoder().decode(payload)) }
  }

  return async (token): Promise<Verification> => {
    try {
      const { header, claims } = await readSigned(token)
      return checkAccessTokenClaims(header, claims, { issuer, audience, nowSeconds: nowMs() / 1000, mutants })
    } catch (error) {
      return error instanceof KeysUnavailable ? UNAVAILABLE : INVALID
    }
  }
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}
