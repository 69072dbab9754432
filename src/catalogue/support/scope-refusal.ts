import type { ProbeResult } from '../../mcp/mcp.js'
import { judge, NotTestableError, type Finding, type Outcome } from '../check.js'
import type { CheckContext, MintedTokens } from '../context.js'
import { parseBearerChallenge } from './challenge.js'
import { removeClients } from './client-lifetime.js'
import { Findings } from './findings.js'
import { initializeMessage } from './mcp-session.js'
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

/** What is said when a token with the scope that a refusal names is refused again. */
export function namedScopeNotEnough(name: string, needed: string): Finding {
  return {
    id: 'named-scope-not-enough',
    message: 'a token with the scope that the refusal names is refused again',
    expected: 'served',
    observed: `${name}: ${needed}`,
    level: 'SHOULD',
  }
}

/**
 * Judges the refusal of `initialize` where a server wants a scope for anything at all; `undefined` when it lets the token in.
 */
export async function judgeRefusedStart(
  ctx: CheckContext,
  url: string,
  token: string,
): Promise<Outcome | undefined> {
  const opened = await ctx.mcp.probe(url, { token, body: initializeMessage(ctx.revision) })
  if (opened.status < 300) return undefined
  const findings = new Findings()
  judgeScopeRefusal(ctx, findings, 'initialize', opened)
  return judge(findings.list(), { initialize: opened.status })
}

/** The scope of a token that has what a sign-in and a refusal ask for. */
export function scopeWith(needed: string): string {
  return [...new Set([...scopeWords(SIGN_IN_SCOPE), ...scopeWords(needed)])].join(' ')
}
