import { createRemoteJWKSet, decodeProtectedHeader } from 'jose'
import type { CompactJWSHeaderParameters, CompactVerifyGetKey } from 'jose'

/** Whether `s-accepts-alg-none` takes the token: it says itself that it has no signature. */
export function isUnsigned(token: string): boolean {
  return String(headerOf(token)['alg']).toLowerCase() === 'none'
}

/** What `s-accepts-alg-none` reads: header and claims, whatever follows. */
export function readUnsigned(token: string): { header: CompactJWSHeaderParameters; claims: unknown } {
  return { header: headerOf(token) as CompactJWSHeaderParameters, claims: part(token, 1) }
}

/** What `s-follows-jku` does: a token that says where its key is, is verified with that key. */
export function keysNamedBy(token: string, usual: CompactVerifyGetKey): CompactVerifyGetKey {
  const { jku } = decodeProtectedHeader(token)
  return typeof jku === 'string' ? createRemoteJWKSet(new URL(jku)) : usual
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  return part(token, 0) as Readonly<Record<string, unknown>>
}

function part(token: string, index: number): unknown {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8'))
}
