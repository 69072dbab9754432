import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { FileTools } from '../support/file-tools.js'
import { McpSession } from '../support/mcp-session.js'
import { NextcloudFiles } from '../support/nextcloud-files.js'
import { NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { readJsonObject } from '../support/json.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from '../support/tool-names.js'

type Users = CheckContext['users']

/** Something that a tool writes: notes know no user in their URL, files do. */
const KINDS = ['note', 'file'] as const
type Kind = (typeof KINDS)[number]

/** Whose space something is in. */
interface Whereabouts {
  readonly kind: Kind
  readonly answer: ToolAnswer
  readonly withAlice: boolean
  readonly withBob: boolean
}

/** In basic mode there is one user, and it must be the one that the operator named, however the name was written. */
export const actsAsConfiguredUser = defineCheck({
  id: 'basic.acts-as-configured-user',
  suite: 'basic-auth',
  title: "What a tool writes is in the configured user's space and in nobody else's",
  level: 'MUST',
  source: [{ document: 'project', clause: 'basic mode acts as the configured user' }],
  modes: ['basic'],
  mutants: [
    {
      id: 's-basic-wrong-user',
      alsoRed: ['basic.wrong-password', 'tools.webdav.round-trip', 'parity.results', 'parity.resources'],
      alsoNotTestable: [
        'basic.ignores-client-credentials',
        'tools.output.conforms',
        'tools.notes.crud',
        'tools.notes.search',
        'tools.notes.append',
        'tools.notes.etag-conflict',
        'tools.notes.missing',
        'tools.missing-others',
        'tools.webdav.paths',
        'tools.calendar.round-trip',
        'tools.tables.round-trip',
        'tools.unicode',
        'tools.large-content',
        'tools.concurrency',
      ],
    },
    { id: 's-login-name-in-paths' },
  ],
  async run(ctx) {
    await using session = await McpSession.open(ctx, ctx.target('basic').url)
    const kinds = await kindsOf(session)
    if (kinds.length === 0) {
      return { kind: 'not-applicable', reason: 'the server has no tool that makes a note or a file' }
    }
    const findings = new Findings()
    const written = await writeAll(ctx, session, kinds, ctx.nextcloud.baseUrl, ctx.users)
    const failed = written.find(({ answer }) => answer.kind !== 'result')
    if (failed !== undefined) {
      return notTestable(
        `positive control: making a ${failed.kind} fails: ${describeToolAnswer(failed.answer)}`,
      )
    }
    for (const whereabouts of written) judgeUsual(findings, whereabouts)
    // Another spelling of the name would only show the same once more.
    if (findings.list().length > 0) return judge(findings.list())
    const otherNames = await judgeOtherNames(ctx, findings, kinds)
    return judge(findings.list(), { user: ctx.users.alice.userId, written: kinds, ...otherNames })
  },
})

async function kindsOf(session: McpSession): Promise<readonly Kind[]> {
  const listed = new Set((await session.listTools()).map(({ name }) => name))
  const makers: Readonly<Record<Kind, ToolPurpose>> = { note: 'createNote', file: 'writeFile' }
  return KINDS.filter((kind) => listed.has(TOOL_NAMES[makers[kind]]))
}

/** Writes one of each kind by tools, looks with alice and bob on Nextcloud, and removes it again. */
async function writeAll(
  ctx: CheckContext,
  session: McpSession,
  kinds: readonly Kind[],
  baseUrl: string,
  users: Users,
): Promise<readonly Whereabouts[]> {
  const written: Whereabouts[] = []
  for (const kind of kinds) {
    const marker = newMarker()
    written.push(
      kind === 'note'
        ? await writeNote(ctx, session, marker, baseUrl, users)
        : await writeFile(ctx, session, `${marker}.txt`, baseUrl, users),
    )
  }
  return written
}

async function writeNote(
  ctx: CheckContext,
  session: McpSession,
  title: string,
  baseUrl: string,
  users: Users,
): Promise<Whereabouts> {
  const alices = new NextcloudNotes(ctx, baseUrl, users.alice)
  const bobs = new NextcloudNotes(ctx, baseUrl, users.bob)
  const answer = await new NotesTools(session).create({ title, content: title, category: NOTE_CATEGORY })
  const withAlice = await alices.idsByTitle(title)
  const withBob = await bobs.idsByTitle(title)
  await Promise.all([alices.remove(noteIdOf(answer), ...withAlice), bobs.remove(...withBob)])
  return { kind: 'note', answer, withAlice: withAlice.length > 0, withBob: withBob.length > 0 }
}

async function writeFile(
  ctx: CheckContext,
  session: McpSession,
  path: string,
  baseUrl: string,
  users: Users,
): Promise<Whereabouts> {
  const alices = new NextcloudFiles(ctx, baseUrl, users.alice)
  const bobs = new NextcloudFiles(ctx, baseUrl, users.bob)
  const answer = await new FileTools(session).write(path, path)
  const withAlice = (await alices.kindOf(path)) !== undefined
  const withBob = (await bobs.kindOf(path)) !== undefined
  await Promise.all([alices.remove(path), bobs.remove(path)])
  return { kind: 'file', answer, withAlice, withBob }
}

function judgeUsual(findings: Findings, { kind, withAlice, withBob }: Whereabouts): void {
  if (withBob) {
    findings.add({
      id: 'written-for-other-user',
      message: "what a tool writes is in another user's space",
      expected: "the configured user's space",
      observed: kind,
    })
  } else if (!withAlice) {
    findings.add({
      id: 'not-with-configured-user',
      message: 'what a tool writes is not with the configured user',
      expected: "the configured user's space",
      observed: kind,
    })
  }
}

/**
 * The same with the configured name written otherwise, as far as Nextcloud lets such a name in and the server can be
 * started with it.
 *
 * @returns for the evidence: what came of each spelling.
 */
async function judgeOtherNames(
  ctx: CheckContext,
  findings: Findings,
  kinds: readonly Kind[],
): Promise<Readonly<Record<string, string>>> {
  const stack = await ctx.privateStack()
  const { alice } = stack.nextcloud.users
  const outcomes: Record<string, string> = {}
  for (const [spelling, name] of Object.entries({
    'other letter case': alice.userId.toUpperCase(),
    email: alice.email,
  })) {
    outcomes[spelling] = await judgeOtherName(ctx, findings, stack, kinds, spelling, name)
  }
  return outcomes
}

async function judgeOtherName(
  ctx: CheckContext,
  findings: Findings,
  stack: PrivateStack,
  kinds: readonly Kind[],
  spelling: string,
  name: string,
): Promise<string> {
  const { baseUrl, users } = stack.nextcloud
  if ((await userIdBehind(ctx, baseUrl, name, users.alice.password)) !== users.alice.userId) {
    return 'not accepted by Nextcloud'
  }
  const launched = await stack
    .launch('basic', { env: { NEXTCLOUD_USERNAME: name } })
    .catch((error: unknown) => {
      if (error instanceof NotTestableError) return error
      throw error
    })
  if (launched instanceof NotTestableError) return launched.message
  await using session = await McpSession.open(ctx, launched.url)
  for (const { kind, answer, withAlice } of await writeAll(ctx, session, kinds, baseUrl, users)) {
    if (withAlice) continue
    findings.add({
      id: 'not-in-canonical-space',
      message: "with the user's name written otherwise a tool does not write into the same user's space",
      expected: users.alice.userId,
      observed: `${spelling}, ${kind}: ${describeToolAnswer(answer)}`,
    })
  }
  return 'judged'
}

/** The user id that Nextcloud finds for a login name; `undefined` when it refuses. */
async function userIdBehind(
  ctx: CheckContext,
  baseUrl: string,
  loginName: string,
  password: string,
): Promise<unknown> {
  const response = await ctx.fetch(`${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: {
      authorization: `Basic ${Buffer.from(`${loginName}:${password}`).toString('base64')}`,
      'ocs-apirequest': 'true',
    },
  })
  const { ocs } = (await readJsonObject(response)) as { ocs?: { data?: { id?: unknown } } }
  return ocs?.data?.id
}
