import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import type { CompactJWSHeaderParameters, createRemoteJWKSet } from 'jose'

/**
 * What `s-hs256-public-key` does: takes the published RSA key for an HMAC secret, in each form in which an
 * attacker may have written it (RFC 8725 §2.1).
 */
export async function verifyWithPublicKeyAsSecret(
  token: string,
  jwks: ReturnType<typeof createRemoteJWKSet>,
): Promise<{ header: CompactJWSHeaderParameters; claims: unknown }> {
  if (jwks.jwks() === undefined) await jwks.reload()
  for (const jwk of jwks.jwks()?.keys ?? []) {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    const secrets = [
      Buffer.from(pem),
      Buffer.from(pem.trimEnd()),
      key.export({ type: 'spki', format: 'der' }),
      Buffer.from(jwk.n ?? '', 'base64url'),
    ]
    for (const secret of secrets) {
      const verified = await compactVerify(token, secret, { algorithms: ['HS256'] }).catch(() => undefined)
      if (verified !== undefined) {
        return {
          header: verified.protectedHeader,
          claims: JSON.parse(new TextDecoder().decode(verified.payload)),
        }
      }
    }
  }
  throw new Error('no form of the key verifies the token')
}
