import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'
import type { EmbeddedContext } from './context.js'

/** The oidc app's signing key. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  /** As published at the JWKS: kty, use, key_ops, alg, kid, n, e. */
  readonly publicJwk: Readonly<JWK>
}

let processKey: Promise<SigningKey> | undefined

/**
 * The signing key of an instance. All instances of a process share one unless told otherwise: making an RSA key
 * costs more than everything else at a start, and nothing but a foreign issuer needs its own.
 *
 * @param own true makes a key of this instance alone.
 */
export function signingKey(own: boolean): Promise<SigningKey> {
  if (own) return generateSigningKey()
  processKey ??= generateSigningKey()
  return processKey
}

/** All keys that are published and verify tokens: what signs now first. */
export async function publishedKeys(ctx: EmbeddedContext): Promise<readonly SigningKey[]> {
  return [await ctx.key, ...ctx.oldKeys]
}

/** Replaces the signing key of this instance; see `NextcloudTwin.rotateSigningKey`. Returns the new `kid`. */
export async function rotateSigningKey(ctx: EmbeddedContext, keepOld: boolean): Promise<string> {
  const fresh = await generateSigningKey()
  ctx.oldKeys = keepOld ? await publishedKeys(ctx) : []
  ctx.key = Promise.resolve(fresh)
  return fresh.kid
}

/** Makes an RS256 key of 2048 bits (Nextcloud's own has 4096; the size changes nothing that can be checked). */
export async function generateSigningKey(): Promise<SigningKey> {
  const kid = randomUUID()
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  const { n, e } = await exportJWK(publicKey)
  return {
    kid,
    privateKey,
    publicJwk: { kty: 'RSA', use: 'sig', key_ops: ['verify'], alg: 'RS256', kid, n: n ?? '', e: e ?? '' },
  }
}
