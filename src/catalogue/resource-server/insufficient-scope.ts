import { defineCheck, judge, type Outcome } from '../check.js'
import type { CheckContext, MintedTokens } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY } from '../support/notes-tools.js'
import { readingCalls, type ReadingCall } from '../support/reading-call.js'
import {
  announcedWorkScopes,
  judgeRefusedStart,
  judgeScopeRefusal,
  mintForSignIn,
  namedScopeNotEnough,
  scopeWith,
} from '../support/scope-refusal.js'
import { readToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES } from '../support/tool-names.js'

/** Consent means little when a token can do what its user did not consent to. */
export const insufficientScope = defineCheck({
  id: 'rs.scope.insufficient',
  suite: 'resource-server',
  title:
    'A call whose scope the token lacks is refused with 403 and names it, whether or not its tool is listed',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Error Handling' },
    { document: 'MCP-Authorization', clause: 'Runtime Insufficient Scope Errors' },
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'RFC6750', clause: '3.1' },
    { document: 'project', clause: 'a tool that is not listed for a token cannot be called with it' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-scope-unchecked', alsoRed: ['rs.scope.resources'] }],
  async run(ctx): Promise<Outcome> {
    const { url } = ctx.target('oauth')
    const scopes = await announcedWorkScopes(ctx, url)
    if (scopes.length === 0) {
      return { kind: 'not-applicable', reason: 'the server announces no scope beyond those of a sign-in' }
    }
    const marker = newMarker()
    const minted: MintedTokens[] = []
    try {
      await using full = await openTargetSession(ctx)
      const calls = await workingCalls(full, marker)
      if (calls.length === 0) {
        return { kind: 'not-applicable', reason: 'the server has no tool that we know how to call' }
      }
      await removeNotes(ctx, marker)
      const bare = await mintForSignIn(ctx, scopes)
      minted.push(bare)
      return await judgeNarrow(ctx, url, { bare, calls, marker, minted })
    } finally {
      await removeNotes(ctx, marker)
      await removeClients(ctx, [...new Set(minted.map(({ client }) => client))])
    }
  },
})

interface Trial {
  readonly bare: MintedTokens
  readonly calls: readonly ReadingCall[]
  readonly marker: string
  /** Gets what is minted on the way. */
  readonly minted: MintedTokens[]
}

async function judgeNarrow(ctx: CheckContext, url: string, { bare, calls, marker, minted }: Trial) {
  const findings = new Findings()
  const token = bare.tokens.access_token
  const refusedStart = await judgeRefusedStart(ctx, url, token)
  if (refusedStart !== undefined) return refusedStart
  const first = await tryAll(ctx, findings, url, token, calls)
  if (first.every(({ outcome }) => outcome === 'served, listed')) {
    findings.add({
      id: 'scopes-not-enforced',
      message: 'the server announces scopes, but a token without any of them is served in all that was tried',
      expected: 'refused with 403',
      observed: first.map(({ name }) => name),
    })
  }
  const refused = first.find(({ needed, name }) => needed !== undefined && name !== TOOL_NAMES.createNote)
  const observed: Record<string, unknown> = { 'no scope': outcomes(first) }
  if (refused?.needed !== undefined) {
    const scope = scopeWith(refused.needed)
    const wider = await ctx.oauth.mint('alice', { scope, client: bare.client })
    minted.push(wider)
    const second = await tryAll(ctx, findings, url, wider.tokens.access_token, calls)
    observed[scope] = outcomes(second)
    if (second.find(({ name }) => name === refused.name)?.outcome.startsWith('served') !== true) {
      findings.add(namedScopeNotEnough(refused.name, refused.needed))
    }
  }
  const done = await sharedNotes(ctx, 'alice').idsByTitle(marker)
  if (done.length > 0 && !isServedAsListed(first)) {
    findings.add({
      id: 'done-without-scope',
      message: 'a note is made with a token that lacks the scope for it',
      expected: 'nothing is done on Nextcloud',
      observed: `${done.length} notes`,
    })
  }
  return judge(findings.list(), observed)
}

interface Attempt {
  readonly name: string
  readonly outcome: string
  /** The scope that a refusal named. */
  readonly needed: string | undefined
}

/** All calls with one token, judged by what is listed for it. */
async function tryAll(
  ctx: CheckContext,
  findings: Findings,
  url: string,
  token: string,
  calls: readonly ReadingCall[],
): Promise<readonly Attempt[]> {
  await using session = await McpSession.open(ctx, url, token)
  const list = await session.request('tools/list')
  const names = list.message?.result === undefined ? [] : await session.listTools()
  const listed = new Set(names.map(({ name }) => name))
  const attempts: Attempt[] = []
  for (const { name, args } of calls) {
    const answer = await session.request('tools/call', { name, arguments: args })
    const { kind } = readToolAnswer(answer)
    if (kind === 'result') {
      attempts.push({
        name,
        outcome: listed.has(name) ? 'served, listed' : 'served, hidden',
        needed: undefined,
      })
      if (listed.has(name)) continue
      findings.add({
        id: 'hidden-tool-callable',
        message: 'a tool that is not listed for lack of scope can be called by its name',
        expected: 'refused with 403',
        observed: name,
      })
      continue
    }
    const needed = judgeScopeRefusal(ctx, findings, name, answer)
    attempts.push({ name, outcome: `refused with ${answer.status} (${kind})`, needed })
  }
  return attempts
}

/** Making a note needs no scope as far as the list says. */
function isServedAsListed(attempts: readonly Attempt[]): boolean {
  return attempts.some(({ name, outcome }) => name === TOOL_NAMES.createNote && outcome === 'served, listed')
}

function outcomes(attempts: readonly Attempt[]): Record<string, string> {
  return Object.fromEntries(attempts.map(({ name, outcome }) => [name, outcome]))
}

/** What is listed of the calls that we know, and succeeds with a token of the run. Makes a note named by the marker. */
async function workingCalls(session: McpSession, marker: string): Promise<readonly ReadingCall[]> {
  const listed = new Set((await session.listTools()).map(({ name }) => name))
  const create = {
    name: TOOL_NAMES.createNote,
    args: { title: marker, content: 'text', category: NOTE_CATEGORY },
  }
  const calls = [...(listed.has(create.name) ? [create] : []), ...(await readingCalls(session))]
  const working: ReadingCall[] = []
  for (const call of calls) {
    if ((await session.callTool(call.name, call.args)).kind === 'result') working.push(call)
  }
  return working
}

async function removeNotes(ctx: CheckContext, title: string): Promise<void> {
  const notes = sharedNotes(ctx, 'alice')
  await notes.remove(...(await notes.idsByTitle(title)))
}
