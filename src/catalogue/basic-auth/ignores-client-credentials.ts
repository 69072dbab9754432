import { createHash, randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** Credentials that an MCP client might send, although nobody asked for any. */
interface Foreign {
  readonly name: string
  readonly authorization: string
}

/** Whoever can send a header must not be able to use the server as a way to Nextcloud with credentials of its own. */
export const ignoresClientCredentials = defineCheck({
  id: 'basic.ignores-client-credentials',
  suite: 'basic-auth',
  title: 'Credentials that an MCP client sends never reach Nextcloud and never change whose data it is',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'basic mode acts as the configured user, whatever the client sends' },
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
  ],
  modes: ['basic'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-basic-forwards-authorization' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { users, baseUrl } = stack.nextcloud
    const { url } = await stack.launch('basic')
    await using session = await McpSession.open(ctx, url)
    const lacking = await lackOfTools(session, ['createNote'])
    if (lacking !== undefined) return lacking
    const bobs = new NextcloudNotes(ctx, baseUrl, users.bob)
    const alices = new NextcloudNotes(ctx, baseUrl, users.alice)
    const controlTitle = newMarker()
    const control = await createNote(session, controlTitle)
    if ((await alices.idsByTitle(controlTitle)).length === 0) {
      return notTestable(
        `positive control: without credentials no note is created for the configured user: ${describeToolAnswer(control)}`,
      )
    }
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const foreign of await foreignCredentials(ctx, stack)) {
      const title = newMarker()
      stack.nextcloud.twin.clearRequests()
      const answer = await createAs(ctx, url, foreign, title)
      if (hasReached(stack, foreign)) findings.add(forwarded(foreign))
      const withBob = await bobs.idsByTitle(title)
      if (withBob.length > 0) {
        findings.add({
          id: 'acts-as-other-user',
          message: "a note that was made with another user's credentials is in that user's space",
          expected: users.alice.userId,
          observed: foreign.name,
        })
      }
      const withAlice = await alices.idsByTitle(title)
      observed[foreign.name] = withAlice.length > 0 ? 'acts as the configured user' : answer
    }
    const after = await createNote(session, newMarker())
    if (after.kind !== 'result') {
      return notTestable(`positive control: afterwards creating a note fails: ${describeToolAnswer(after)}`)
    }
    return judge(findings.list(), observed)
  },
})

async function foreignCredentials(ctx: CheckContext, { nextcloud, oauth }: PrivateStack): Promise<Foreign[]> {
  const { userId, password } = nextcloud.users.bob
  const made = randomBytes(24).toString('base64url')
  ctx.secret('access_token', made)
  const { access_token } = (await oauth.mint('bob', { resource: null })).tokens
  const basic = (secret: string): string => `Basic ${Buffer.from(`${userId}:${secret}`).toString('base64')}`
  return [
    { name: 'a bearer token that nobody issued', authorization: `Bearer ${made}` },
    { name: "another user's bearer token", authorization: `Bearer ${access_token}` },
    { name: "another user's Basic credentials", authorization: basic(password) },
    { name: 'Basic credentials with a wrong password', authorization: basic(made) },
  ]
}

/** A session whose every request carries these credentials; how it ended when it got nowhere. */
async function createAs(ctx: CheckContext, url: string, foreign: Foreign, title: string): Promise<string> {
  const { authorization } = foreign
  const probe: CheckContext['mcp']['probe'] = (target, input) =>
    ctx.mcp.probe(target, { ...input, authorization })
  const opened = await McpSession.open({ revision: ctx.revision, mcp: { ...ctx.mcp, probe } }, url).catch(
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )
  if (opened instanceof Error) return `refused: ${opened.message}`
  try {
    return describeToolAnswer(await createNote(opened, title))
  } finally {
    await opened.end()
  }
}

function createNote(session: McpSession, title: string): Promise<ToolAnswer> {
  return new NotesTools(session).create({ title, content: title, category: NOTE_CATEGORY })
}

/** Whether any request that Nextcloud got carried these credentials. */
function hasReached({ nextcloud: { twin, users } }: PrivateStack, { authorization }: Foreign): boolean {
  const [scheme, value = ''] = authorization.split(' ')
  const bearerSha256 = createHash('sha256').update(value).digest('hex')
  return twin
    .requests()
    .some((request) =>
      scheme === 'Basic' ? request.basicUser === users.bob.userId : request.bearerSha256 === bearerSha256,
    )
}

function forwarded({ name }: Foreign): Finding {
  return {
    id: 'client-credentials-forwarded',
    message: "the client's Authorization header reaches Nextcloud",
    expected: "the configured user's credentials only",
    observed: name,
  }
}
