import { createHash } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, UserName } from '../context.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { lackOfTools } from '../support/tool-names.js'

const NEXTCLOUD_COOKIE = /\b(?:__Host-)?(?:nc_|oc[a-z0-9]{8,}|oc_sessionPassphrase)/i

/** Nextcloud answers API calls with a session cookie, which makes its bearer the user of that call. */
export const isolationCookies = defineCheck({
  id: 'rs.isolation.cookies',
  suite: 'resource-server',
  title: "No cookie that Nextcloud set for one user comes with another's requests, or reaches a client",
  level: 'MUST',
  source: [
    { document: 'project', clause: 'a session cookie is a second way to be a user' },
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-shared-cookie-jar', alsoRed: ['rs.cache.key-collision'] }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const token = async (user: UserName): Promise<string> =>
      (await stack.oauth.mint(user)).tokens.access_token
    const tokens = { alice: await token('alice'), bob: await token('bob') }
    if (!(await setsCookies(ctx, stack.nextcloud.baseUrl, tokens.alice))) {
      return notTestable('positive control: Nextcloud sets no cookie')
    }
    await using alices = await McpSession.open(ctx, url, tokens.alice)
    await using bobs = await McpSession.open(ctx, url, tokens.bob)
    const lacking = await lackOfTools(alices, ['searchNotes'])
    if (lacking !== undefined) return lacking
    twin.clearRequests()
    for (const session of [alices, bobs, alices, bobs]) {
      const answer = await new NotesTools(session).search('ncmc')
      // Only the first: with another's cookies the others may well fail.
      if (session === alices && twin.requests().length === 0) {
        return notTestable(`positive control: a search reaches no Nextcloud (${answer.kind})`)
      }
    }
    const users = new Map(
      Object.entries(tokens).map(([user, value]) => [
        createHash('sha256').update(value).digest('hex'),
        stack.nextcloud.users[user as UserName].userId,
      ]),
    )
    const requests = twin.requests().filter(({ bearerSha256 }) => users.has(bearerSha256 ?? ''))
    const findings = new Findings()
    for (const { path, cookieUser, bearerSha256 } of requests) {
      const bearerUser = users.get(bearerSha256 ?? '')
      if (cookieUser === undefined || cookieUser === bearerUser) continue
      findings.add({
        id: 'cookie-of-other-user',
        message: 'a request for one user carries a cookie that was set for another',
        expected: 'no cookie, or one of the same user',
        observed: `${path}: the token of ${bearerUser ?? ''}, a cookie of ${cookieUser}`,
      })
    }
    for (const observed of cookiesInAnswers(ctx, url)) {
      findings.add({
        id: 'cookie-reaches-client',
        message: "an answer of the server holds Nextcloud's cookie",
        expected: 'none',
        observed,
      })
    }
    return judge(findings.list(), {
      requests: requests.length,
      withCookie: requests.filter(({ hasCookie }) => hasCookie).length,
    })
  },
})

/** Whether an API of this Nextcloud answers with cookies at all. */
async function setsCookies(ctx: CheckContext, baseUrl: string, token: string): Promise<boolean> {
  const response = await ctx.fetch(`${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: { authorization: `Bearer ${token}`, 'ocs-apirequest': 'true' },
  })
  await response.body?.cancel()
  return response.headers.getSetCookie().length > 0
}

function cookiesInAnswers(ctx: CheckContext, url: string): string[] {
  return ctx
    .responsesFrom(new URL(url).origin)
    .map(({ status, text }, index) => ({ name: `response ${index + 1} (status ${status})`, text }))
    .filter(({ text }) => /^set-cookie:/im.test(text) && NEXTCLOUD_COOKIE.test(text))
    .map(({ name }) => name)
}
