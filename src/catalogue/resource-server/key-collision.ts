import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import type { CheckContext, PrivateStack, UserName } from '../context.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NextcloudFiles } from '../support/nextcloud-files.js'
import { NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY } from '../support/notes-tools.js'
import { TOOL_NAMES } from '../support/tool-names.js'

const USERS = ['alice', 'bob'] as const satisfies readonly UserName[]
/** Twice and in turn, so that each token is remembered when the other one comes. */
const TURNS: readonly UserName[] = ['alice', 'bob', 'alice', 'bob']

interface Person {
  readonly token: string
  /** In the title of a note and the name of a folder of this person alone. */
  readonly marker: string
}

/** The beginning of a JWT is the same for all: a cache that goes by part of a token mixes its users up. */
export const keyCollision = defineCheck({
  id: 'rs.cache.key-collision',
  suite: 'resource-server',
  title: 'Tokens of two users with the same first and last 64 characters are told apart',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the whole token is the key of what is remembered about it' },
    { document: 'MCP-Security', clause: 'Session Hijacking' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-cache-key-truncated', alsoRed: ['rs.token.tampered'] }],
  async run(ctx): Promise<Outcome> {
    if (!ctx.tokenFormats.includes('opaque')) {
      return { kind: 'not-applicable', reason: 'tokens of one beginning and end can only be opaque' }
    }
    const stack = await ctx.privateStack()
    const { url } = await stack.launch('oauth')
    const { request } = await stack.oauth.mint('alice', { format: 'opaque' })
    const common = newMarker()
    const people = await settle(ctx, stack, common, request.scope)
    const findings = new Findings()
    const seen: string[] = []
    const tools = new Set<string>()
    for (const name of TURNS) {
      const own = people[name]
      const other = people[name === 'alice' ? 'bob' : 'alice']
      await using session = await McpSession.open(ctx, url, own.token)
      for (const [tool, args] of callsFor(await session.listTools(), common)) {
        tools.add(tool)
        const { raw, kind } = await session.callTool(tool, args)
        const shows = raw.includes(own.marker)
          ? 'own'
          : raw.includes(other.marker)
            ? "the other's"
            : 'nothing'
        seen.push(`${name}, ${tool}: ${shows} (${kind})`)
        if (raw.includes(other.marker)) {
          findings.add({
            id: 'acts-as-other-user',
            message: "with a user's token another user's data is shown",
            expected: name,
            observed: `${name}: ${tool}`,
          })
        } else if (!raw.includes(own.marker)) {
          findings.add({
            id: 'own-data-missing',
            message: "with a user's token that user's data is not shown",
            expected: name,
            observed: `${name}: ${tool} (${kind})`,
          })
        }
      }
    }
    if (tools.size === 0) {
      return { kind: 'not-applicable', reason: 'the server has no tool that shows whose data it reaches' }
    }
    // The first call met an empty cache: what it does not show, no cache has hidden.
    const first = seen.slice(0, tools.size)
    if (first.some((line) => !line.includes(': own'))) {
      return notTestable(
        `positive control: alone, a token does not show its user's data (${first.join('; ')})`,
      )
    }
    return judge(findings.list(), seen)
  },
})

/** A marked note and folder for each, and tokens that differ in their middle only. */
async function settle(
  ctx: CheckContext,
  { nextcloud }: PrivateStack,
  common: string,
  scope: string,
): Promise<Readonly<Record<UserName, Person>>> {
  const [beginning, end] = [randomBytes(48).toString('base64url'), randomBytes(48).toString('base64url')]
  const people = await Promise.all(
    USERS.map(async (name) => {
      const user = nextcloud.users[name]
      const person = {
        token: `${beginning}${randomBytes(6).toString('base64url')}${end}`,
        marker: newMarker(),
      }
      ctx.secret('access_token', person.token)
      nextcloud.twin.honourToken(person.token, user.userId, scope)
      await new NextcloudFiles(ctx, nextcloud.baseUrl, user).makeFolder(person.marker)
      await new NextcloudNotes(ctx, nextcloud.baseUrl, user).create({
        title: `${common} ${person.marker}`,
        content: 'text',
        category: NOTE_CATEGORY,
      })
      return [name, person] as const
    }),
  )
  return Object.fromEntries(people) as Record<UserName, Person>
}

/** What is listed of the calls that show a marker; `common` is in the titles of all notes. */
function callsFor(
  listed: readonly Readonly<Record<string, unknown>>[],
  common: string,
): readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] {
  const names = new Set(listed.map(({ name }) => name))
  const calls = [
    [TOOL_NAMES.listDirectory, { path: '' }],
    [TOOL_NAMES.searchNotes, { query: common }],
  ] as const
  return calls.filter(([name]) => names.has(name))
}
