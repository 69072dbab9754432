import type { CheckContext, MintedTokens } from '../context.js'
import { readJsonObject } from './json.js'

/** Splits a `scope` value (RFC 6749 §3.3). */
export function scopeWords(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '')
}

/**
 * What a token was really granted, as far as anybody tells: the token response, the token itself when it is a JWT, else
 * introspection by the client that it was issued to. `undefined` when nobody does.
 */
export async function grantedScope(
  ctx: Pick<CheckContext, 'fetch'>,
  { tokens, client, server }: MintedTokens,
): Promise<readonly string[] | undefined> {
  const told = tokens.scope ?? scopeClaim(tokens.access_token)
  if (told !== undefined) return scopeWords(told)
  const endpoint = server.metadata['introspection_endpoint']
  if (typeof endpoint !== 'string') return undefined
  const { client_id, client_secret } = client
  const response = await ctx.fetch(endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ token: tokens.access_token, client_id, client_secret }),
  })
  const { active, scope } = await readJsonObject(response)
  return active === true && typeof scope === 'string' ? scopeWords(scope) : undefined
}

function scopeClaim(token: string): string | undefined {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    const claims = JSON.parse(payload) as { scope?: unknown } | null
    return typeof claims?.scope === 'string' ? claims.scope : undefined
  } catch {
    return undefined
  }
}
