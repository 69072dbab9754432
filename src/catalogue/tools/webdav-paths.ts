import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { bytesRead, FILE_PURPOSES, FileTools } from '../support/file-tools.js'
import { Findings } from '../support/findings.js'
import { listItems } from '../support/list-answer.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'
import { NextcloudFiles, sharedFiles } from '../support/nextcloud-files.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** Names that go wrong where a path is not encoded, or encoded or decoded twice. */
const NAMES = ['a#b ?c&d+e=f.txt', '100% %41 %2e.txt', 'ü é 漢 👩‍👩‍👧.txt']

/** Ways out of a user's files, to what follows. The last one is the path that Nextcloud itself uses. */
const CLIMBS = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..\\',
  'x/../../',
  '../../files/',
  '/remote.php/dav/files/',
]

interface Subject {
  readonly ctx: CheckContext
  readonly tools: FileTools
  readonly alice: NextcloudFiles
  readonly bob: NextcloudFiles
  readonly findings: Findings
  readonly marker: string
  /** A file in alice's home, and what it says. */
  readonly own: string
  readonly ownText: string
}

/** What a path may name: exactly the user's own files, whatever characters it is made of. */
export const webdavPaths = defineCheck({
  id: 'tools.webdav.paths',
  suite: 'tools',
  title: "A path names exactly one of the user's own files, and nothing outside them",
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Security Considerations' },
    { document: 'project', clause: "a tool stays within the user's files" },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-path-traversal' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, FILE_PURPOSES)
    if (lacking !== undefined) return lacking
    const marker = newMarker()
    const subject: Subject = {
      ctx,
      tools: new FileTools(session),
      alice: sharedFiles(ctx, 'alice'),
      bob: sharedFiles(ctx, 'bob'),
      findings: new Findings(),
      marker,
      own: `${marker}.txt`,
      ownText: `mine ${marker}`,
    }
    try {
      await subject.alice.write(subject.own, subject.ownText)
      await subject.bob.write(`${marker}-bob.txt`, `secret ${marker}`)
      const control = await subject.tools.read(subject.own)
      if (bytesRead(control)?.toString() !== subject.ownText) {
        return notTestable(`positive control: a file cannot be read: ${describeToolAnswer(control)}`)
      }
      await tryNames(subject)
      await tryReading(subject)
      await tryChanging(subject)
      const oddUser = await tryOddUserId(subject)
      return judge(subject.findings.list(), { names: NAMES, waysOut: CLIMBS, oddUser })
    } finally {
      await cleanUp(subject)
    }
  },
})

async function tryNames({ tools, alice, findings, marker }: Subject): Promise<void> {
  await alice.makeFolder(marker)
  for (const name of NAMES) {
    const path = `${marker}/${name}`
    const written = await tools.write(path, name)
    if ((await alice.read(path))?.bytes.toString() !== name) {
      findings.add({
        id: 'name-not-kept',
        message: 'a file is not made under the name that was given',
        expected: name,
        observed: describeToolAnswer(written),
      })
      await alice.write(path, name)
    }
    const read = await tools.read(path)
    if (bytesRead(read)?.toString() === name) continue
    findings.add({
      id: 'name-not-read',
      message: 'a file cannot be read by its name',
      expected: name,
      observed: describeToolAnswer(read),
    })
  }
  const listed = listItems(await tools.list(marker), 'files').map(({ name }) => String(name))
  const lost = NAMES.filter((name) => !listed.includes(name))
  if (lost.length === 0) return
  findings.add({
    id: 'name-listed-otherwise',
    message: 'a folder is listed with other names than its files have',
    expected: NAMES,
    observed: listed,
    level: 'SHOULD',
  })
}

async function tryReading(subject: Subject): Promise<void> {
  const { ctx, tools, findings, marker, own, ownText } = subject
  const { alice, bob } = ctx.users
  for (const climb of CLIMBS) {
    const outside = wayTo(climb, bob.userId, `${marker}-bob.txt`)
    const foreign = await tools.read(outside)
    if (contentOf(foreign).includes(`secret ${marker}`)) {
      findings.add({ id: 'other-user-read', message: "another user's file is read", observed: outside })
    }
    lookForUrls(subject, outside, foreign)
    // Back into the own files is out of them too; only Nextcloud's own paths lead straight there.
    if (climb.startsWith('/')) continue
    const around = wayTo(climb, alice.userId, own)
    const answer = await tools.read(around)
    if (contentOf(answer).includes(ownText)) {
      findings.add({
        id: 'read-outside-root',
        message: "a path is followed out of the user's files",
        expected: 'an error',
        observed: around,
      })
    }
  }
  const listed = await tools.list('../..')
  const names = listItems(listed, 'files').map(({ name }) => name)
  if (names.includes('principals')) {
    findings.add({
      id: 'listed-outside-root',
      message: "a folder outside the user's files is listed",
      expected: 'an error',
      observed: names,
    })
  }
  const missing = `${marker}-missing.txt`
  lookForUrls(subject, missing, await tools.read(missing))
}

async function tryChanging(subject: Subject): Promise<void> {
  const { ctx, tools, alice, bob, findings, marker, own, ownText } = subject
  const name = `${marker}-out.txt`
  for (const path of outsidePaths(subject)) {
    lookForUrls(subject, path, await tools.write(path, 'out'))
    if ((await bob.kindOf(name)) !== undefined) {
      findings.add({
        id: 'other-user-written',
        message: "a file is written into another user's files",
        observed: path,
      })
      await bob.remove(name)
    }
    if ((await alice.kindOf(name)) === undefined) continue
    findings.add({
      id: 'written-outside-root',
      message: "a path is followed out of the user's files when writing",
      expected: 'an error',
      observed: path,
    })
    await alice.remove(name)
  }
  const around = wayTo('../', ctx.users.alice.userId, own)
  for (const [what, answer] of [
    ['copy', await tools.copy(around, name)],
    ['move', await tools.move(around, name)],
    ['delete', await tools.remove(around)],
  ] as const) {
    lookForUrls(subject, around, answer)
    if ((await alice.kindOf(name)) === undefined && (await alice.kindOf(own)) === 'file') continue
    findings.add({
      id: 'changed-outside-root',
      message: "a path is followed out of the user's files when copying, moving or deleting",
      expected: 'an error',
      observed: what,
    })
    await alice.remove(name)
    await alice.write(own, ownText)
  }
}

/** Paths that would write `<marker>-out.txt` beside the user's files. */
function outsidePaths({ ctx, marker }: Pick<Subject, 'ctx' | 'marker'>): readonly string[] {
  const { alice, bob } = ctx.users
  return CLIMBS.flatMap((climb) => {
    const users = climb.startsWith('/') ? [bob] : [alice, bob]
    return users.map(({ userId }) => wayTo(climb, userId, `${marker}-out.txt`))
  })
}

function wayTo(climb: string, userId: string, name: string): string {
  const separator = /(?:%2f|\\|\/)$/i.exec(climb)?.[0] ?? '/'
  return `${climb}${userId}${separator}${name}`
}

function contentOf(answer: ToolAnswer): string {
  return `${bytesRead(answer)?.toString() ?? ''}\n${answer.text}`
}

/** An error is for the user, who knows paths but not the addresses behind the server. */
function lookForUrls({ ctx, findings }: Subject, path: string, { kind, text }: ToolAnswer): void {
  if (kind === 'result') return
  const inner = [ctx.nextcloud.internalUrl, ctx.nextcloud.baseUrl, 'remote.php']
  const told = inner.find((part) => text.includes(part) && !path.includes(part))
  if (told === undefined) return
  findings.add({
    id: 'internal-url-told',
    message: 'an error tells an address behind the server',
    expected: 'the path as it was given',
    observed: text.slice(0, 200),
  })
}

/** Where the server can be started for a user like that. Returns what may be shown. */
async function tryOddUserId({ ctx, findings, marker }: Subject): Promise<string> {
  const user = {
    userId: 'ann lee@home.test',
    password: newMarker(),
    displayName: 'Ann Lee',
    email: 'ann@home.test',
  }
  try {
    const stack = await ctx.privateStack({ users: [user, { ...ctx.users.bob, password: newMarker() }] })
    const mode = ctx.mode === 'oauth' ? 'oauth' : 'basic'
    const { url } = await stack.launch(mode)
    const token = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
    await using session = await McpSession.open(ctx, url, token)
    const tools = new FileTools(session)
    const files = new NextcloudFiles(ctx, stack.nextcloud.baseUrl, user)
    await files.write(`${marker}.txt`, 'direct')
    const written = await tools.write(`${marker}-tool.txt`, 'tool')
    const read = await tools.read(`${marker}.txt`)
    const isWritten = (await files.read(`${marker}-tool.txt`))?.bytes.toString() === 'tool'
    if (isWritten && bytesRead(read)?.toString() === 'direct') return 'works'
    findings.add({
      id: 'odd-user-id-fails',
      message: 'files of a user whose id has a space and an @ are not read or written',
      expected: 'as for any other user',
      observed: `${describeToolAnswer(written)}; ${describeToolAnswer(read)}`,
    })
    return 'fails'
  } catch (error) {
    if (!(error instanceof NotTestableError)) throw error
    ctx.note(`A user id with a space and an @ was not tried: ${error.message}`)
    return 'not tried'
  }
}

/** A server that takes encoded ways out for names makes files of these names. */
async function cleanUp({ ctx, alice, bob, marker, own }: Subject): Promise<void> {
  await alice.remove(marker, own, `${marker}-out.txt`)
  await alice.remove(
    ...outsidePaths({ ctx, marker }).filter((path) => path.includes('%') && !path.includes('/')),
  )
  await bob.remove(`${marker}-bob.txt`, `${marker}-out.txt`)
}
