import type { ProbeResult } from '../../mcp/mcp.js'
import { NotTestableError } from '../check.js'
import type { CheckContext, MintedTokens } from '../context.js'
import { parseBearerChallenge } from './challenge.js'
import { removeClients } from './client-lifetime.js'
import type { Findings } from './findings.js'
import { grantedScope, scopeWords } from './granted-scope.js'
import { askForChallenge, findMetadata } from './resource-metadata.js'

/** What it takes to know who somebody is, and no more. */
export const SIGN_IN_SCOPE = 'openid profile email'
/** Scopes of OpenID Connect and of Nextcloud's app, which are about the person and not about what a server does. */
const OF_THE_PERSON = new Set([
  ...SIGN_IN_SCOPE.split(' '),
  'address',
  'phone',
  'offline_access',
  'roles',
  'groups',
])

/** The scopes beyond those of a sign-in that a server announces, in its challenge or in its metadata. */
export async function announcedWorkScopes(ctx: CheckContext, url: string): Promise<readonly string[]> {
  const { challenge } = await askForChallenge(ctx, url)
  const listed = (await findMetadata(ctx, url))?.members['scopes_supported']
  const announced = [
    ...scopeWords(challenge?.parameters.get('scope')?.value ?? ''),
    ...(Array.isArray(listed) ? listed.filter((word) => typeof word === 'string') : []),
  ]
  return announced.filter((word) => !OF_THE_PERSON.has(word))
}

/**
 * A token of alice that is granted a sign-in alone. Its client is the caller's to remove.
 *
 * @param workScopes what it must not be granted.
 * @throws NotTestableError when Nextcloud grants one of them all the same.
 */
export async function mintForSignIn(ctx: CheckContext, workScopes: readonly string[]): Promise<MintedTokens> {
  const minted = await ctx.oauth.mint('alice', { scope: SIGN_IN_SCOPE })
  const granted = await grantedScope(ctx, minted)
  const more = granted?.filter((word) => workScopes.includes(word)) ?? []
  if (more.length === 0) return minted
  await removeClients(ctx, [minted.client])
  throw new NotTestableError(`Nextcloud granted more than was asked for: ${more.join(' ')}`)
}

/**
 * Judges the refusal of a request for lack of scope: 403, and since 2025-11-25 with what a client needs to get a token
 * that will do. Returns the scope that it names.
 *
 * @param name what was asked for, for the evidence.
 */
export function judgeScopeRefusal(
  ctx: Pick<CheckContext, 'revision'>,
  findings: Findings,
  name: string,
  { status, headers }: Pick<ProbeResult, 'status' | 'headers'>,
): string | undefined {
  if (status !== 403) {
    findings.add({
      id: 'refused-without-403',
      message: 'a request whose scope the token lacks is refused in another form than 403',
      expected: 403,
      observed: `${name}: ${status}`,
    })
    return undefined
  }
  const challenge = parseBearerChallenge(headers.get('www-authenticate'))
  const scope = challenge?.parameters.get('scope')?.value
  if (ctx.revision < '2025-11-25') return scope
  const missing = {
    'insufficient-scope-not-named': challenge?.parameters.get('error')?.value === 'insufficient_scope',
    'scope-not-named': scope !== undefined,
    'resource-metadata-not-named': challenge?.parameters.has('resource_metadata') === true,
  }
  for (const [id, isThere] of Object.entries(missing)) {
    if (isThere) continue
    findings.add({
      id,
      message: 'the refusal does not tell a client how to get a token that will do',
      expected: 'Bearer error="insufficient_scope", scope="…", resource_metadata="…"',
      observed: `${name}: ${headers.get('www-authenticate') ?? 'no WWW-Authenticate'}`,
      level: 'SHOULD',
    })
  }
  return scope
}

/** The scope of a token that has what a sign-in and a refusal ask for. */
export function scopeWith(needed: string): string {
  return [...new Set([...scopeWords(SIGN_IN_SCOPE), ...scopeWords(needed)])].join(' ')
}
