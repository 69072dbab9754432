import { defineCheck, judge, type Outcome } from '../check.js'
import type { CheckContext, MintedTokens } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote } from '../support/nextcloud-notes.js'
import { listedContents, servedContents, type Content } from '../support/served-contents.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import {
  announcedWorkScopes,
  judgeRefusedStart,
  judgeScopeRefusal,
  mintForSignIn,
  namedScopeNotEnough,
  scopeWith,
} from '../support/scope-refusal.js'

/** A scope that guards the tools and not the resources guards nothing: both lead to the same data. */
export const scopeOfResources = defineCheck({
  id: 'rs.scope.resources',
  suite: 'resource-server',
  title: 'Resources and prompts whose scope the token lacks are refused with 403, as calls of tools are',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Error Handling' },
    { document: 'MCP-Authorization', clause: 'Runtime Insufficient Scope Errors' },
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'RFC6750', clause: '3.1' },
    { document: 'project', clause: 'what is not listed for a token is not served to it' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-scope-only-on-tools' }],
  async run(ctx): Promise<Outcome> {
    const { url } = ctx.target('oauth')
    const scopes = await announcedWorkScopes(ctx, url)
    if (scopes.length === 0) {
      return { kind: 'not-applicable', reason: 'the server announces no scope beyond those of a sign-in' }
    }
    const notes = sharedNotes(ctx, 'alice')
    const marker = newMarker()
    const note = await notes.create({ title: marker, content: marker, category: NOTE_CATEGORY })
    const minted: MintedTokens[] = []
    try {
      await using full = await openTargetSession(ctx)
      const contents = await servedContents(full, note)
      if (contents.length === 0) {
        return {
          kind: 'not-applicable',
          reason: 'the server has no resource and no prompt that we know how to ask for',
        }
      }
      const bare = await mintForSignIn(ctx, scopes)
      minted.push(bare)
      return await judgeNarrow(ctx, url, { bare, contents, note, minted })
    } finally {
      await notes.remove(note.id)
      await removeClients(ctx, [...new Set(minted.map(({ client }) => client))])
    }
  },
})

interface Trial {
  readonly bare: MintedTokens
  readonly contents: readonly Content[]
  readonly note: NextcloudNote
  /** Gets what is minted on the way. */
  readonly minted: MintedTokens[]
}

async function judgeNarrow(
  ctx: CheckContext,
  url: string,
  { bare, contents, note, minted }: Trial,
): Promise<Outcome> {
  const findings = new Findings()
  const token = bare.tokens.access_token
  const refusedStart = await judgeRefusedStart(ctx, url, token)
  if (refusedStart !== undefined) return refusedStart
  const tried = await tryAll(ctx, findings, url, token, { contents, note })
  const outcomes = Object.fromEntries(tried.map(({ content, outcome }) => [content.name, outcome]))
  if (tried.every(({ outcome }) => outcome === SERVED_AS_LISTED)) {
    return {
      kind: 'not-applicable',
      reason: 'as far as its lists say, nothing of what was tried needs a scope beyond those of a sign-in',
    }
  }
  const refused = tried.find(({ needed }) => needed !== undefined)
  if (refused?.needed !== undefined) {
    const scope = scopeWith(refused.needed)
    const wider = await ctx.oauth.mint('alice', { scope, client: bare.client })
    minted.push(wider)
    await using session = await McpSession.open(ctx, url, wider.tokens.access_token)
    const { message, status } = await session.request(refused.content.method, refused.content.params)
    outcomes[`${refused.content.name} with ${scope}`] =
      message?.result === undefined ? `refused with ${status}` : 'served'
    if (message?.result === undefined) {
      findings.add(namedScopeNotEnough(refused.content.name, refused.needed))
    }
  }
  return judge(findings.list(), outcomes)
}

const SERVED_AS_LISTED = 'served, listed'

interface Attempt {
  readonly content: Content
  readonly outcome: string
  /** The scope that a refusal named. */
  readonly needed: string | undefined
}

/** All of it with one token. What is served is judged by what is listed for it; a note, by what the tool does with it. */
async function tryAll(
  ctx: CheckContext,
  findings: Findings,
  url: string,
  token: string,
  { contents, note }: Pick<Trial, 'contents' | 'note'>,
): Promise<readonly Attempt[]> {
  await using session = await McpSession.open(ctx, url, token)
  const listed = new Set((await listedContents(session)).map(({ name }) => name))
  const attempts: Attempt[] = []
  for (const content of contents) {
    const answer = await session.request(content.method, content.params)
    if (answer.message?.result === undefined) {
      const needed = judgeScopeRefusal(ctx, findings, content.name, answer)
      attempts.push({ content, outcome: `refused with ${answer.status}`, needed })
      continue
    }
    const isMeant =
      content.kind === 'note'
        ? (await new NotesTools(session).get(note.id)).kind === 'result'
        : listed.has(content.name)
    attempts.push({ content, outcome: isMeant ? SERVED_AS_LISTED : 'served, hidden', needed: undefined })
    if (isMeant) continue
    findings.add(
      content.kind === 'note'
        ? {
            id: 'note-readable-as-resource',
            message: 'a note that the tool refuses for lack of scope is read as a resource',
            expected: 'refused with 403',
            observed: content.method,
          }
        : {
            id: `hidden-${content.kind}-served`,
            message: `a ${content.kind} that is not listed for lack of scope is served to who knows its name`,
            expected: 'refused with 403',
            observed: content.name,
          },
    )
  }
  return attempts
}
