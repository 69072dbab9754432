import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { readJsonObject } from './json.js'

/**
 * Fetches the published keys.
 *
 * @throws NotTestableError when there is no key set.
 */
export async function fetchSigningKeys(
  ctx: Pick<CheckContext, 'fetch'>,
  jwksUri: string,
): Promise<JSONWebKeySet> {
  const jwks = await readJsonObject(await ctx.fetch(jwksUri))
  if (!Array.isArray(jwks['keys'])) throw new NotTestableError('the JWKS cannot be read')
  return jwks as unknown as JSONWebKeySet
}

/** Whether one of the keys verifies the token's signature. */
export function isSignedWith(keys: JSONWebKeySet, token: string): Promise<boolean> {
  return compactVerify(token, createLocalJWKSet(keys)).then(
    () => true,
    () => false,
  )
}
