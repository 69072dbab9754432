import { findMetadata, askForChallenge } from '../catalogue/support/resource-metadata.js'
import { createProbe } from '../mcp/probe.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { Revision } from '../servers/server.js'

/** Always asked for: a client of Nextcloud's signs somebody in. */
const SIGN_IN = ['openid', 'profile', 'email']
/** The client's own wish for a refresh token, no right to anything at the resource; nothing of ours is refreshed. */
const NOT_OF_THE_RESOURCE = 'offline_access'
const TIMEOUT_MS = 5_000

/**
 * The scope that lets a token do everything at an MCP server: what its challenge asks for (MCP Authorization, Scope
 * Selection Strategy), what its metadata lists, and who the user is. Never throws: a server that announces nothing, or
 * does not answer, gets the scope of a sign-in.
 */
export async function announcedScope(resource: string, revision: Revision): Promise<string> {
  const words = new Set(SIGN_IN)
  for (const word of await wordsOf(resource, revision).catch(() => [])) {
    if (word !== '' && word !== NOT_OF_THE_RESOURCE) words.add(word)
  }
  return [...words].join(' ')
}

async function wordsOf(resource: string, revision: Revision): Promise<string[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const bounded: FetchLike = (input, init) => fetch(input, { ...init, redirect: 'manual', signal })
  const ctx = { fetch: bounded, mcp: { probe: createProbe(bounded, revision) }, revision }
  const { challenge } = await askForChallenge(ctx, resource)
  const listed = (await findMetadata(ctx, resource))?.members['scopes_supported']
  return [
    ...(challenge?.parameters.get('scope')?.value ?? '').split(' '),
    ...(Array.isArray(listed) ? listed.filter((word) => typeof word === 'string') : []),
  ]
}
