import { randomBytes } from 'node:crypto'
import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, NotTestableError, type Finding } from '../check.js'
import type { CheckContext, OAuthDriver, UserName } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'
import { readJwt } from '../support/jwt.js'
import { askUserinfo } from '../support/userinfo.js'

/**
 * Everything but letters that Nextcloud allows in the id of a user of its own; other letters than English ones it does
 * not allow.
 */
const UNUSUAL_USER_ID = "carol o'neil_1.x-y@example.com"

/** The id is what servers build paths from and keep people apart by. */
export const userinfoSubject = defineCheck({
  id: 'tokens.userinfo.subject',
  suite: 'tokens',
  title: 'sub is the Nextcloud user id, the same in userinfo, in the ID token and in a JWT access token',
  level: 'MUST',
  source: [
    { document: 'OIDC-Core', clause: '5.3.2' },
    { document: 'RFC9068', clause: '2.2' },
    { document: 'project', clause: 'sub is the Nextcloud user id' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-userinfo-sub-differs',
      // No server can tell whose token it has: it serves no call.
      alsoRed: ['rs.www-authenticate.scope', 'rs.prm.bearer-methods', 'resilience.start-while-down'],
      alsoNotTestable: '*',
    },
  ],
  timeoutMs: 90_000,
  async run(ctx) {
    const alice = await subjectsOf(ctx, ctx.oauth, 'alice')
    const unusual = await unusualSubjects(ctx)
    const seen = [
      { userId: ctx.users.alice.userId, subjects: alice },
      ...(unusual === undefined ? [] : [{ userId: UNUSUAL_USER_ID, subjects: unusual }]),
    ]
    const findings = new Findings()
    for (const { userId, subjects } of seen) {
      for (const finding of judgeSubjects(userId, subjects)) findings.add(finding)
    }
    return judge(findings.list(), Object.fromEntries(seen.map(({ userId, subjects }) => [userId, subjects])))
  },
})

interface Subjects {
  readonly userinfo: unknown
  readonly idToken: unknown
  readonly accessToken: unknown
}

async function subjectsOf(
  ctx: CheckContext,
  oauth: OAuthDriver,
  user: UserName | NextcloudUser,
): Promise<Subjects> {
  const { client, tokens } = await oauth.mint(user, { format: 'jwt' })
  const { status, members } = await askUserinfo(ctx, oauth, tokens.access_token)
  await removeClients(ctx, [client])
  if (status !== 200) throw new NotTestableError(`userinfo answers ${status} to a fresh token`)
  return {
    userinfo: members['sub'],
    idToken: tokens.id_token === undefined ? undefined : readJwt(tokens.id_token).claims['sub'],
    accessToken: readJwt(tokens.access_token).claims['sub'],
  }
}

/** The same for a user whose id holds more than letters; `undefined` on a Nextcloud where we cannot create one. */
async function unusualSubjects(ctx: CheckContext): Promise<Subjects | undefined> {
  const own = await ctx.ownNextcloud().catch((error: unknown) => {
    if (error instanceof NotTestableError) return undefined
    throw error
  })
  if (own === undefined) {
    ctx.note('no user with an unusual id was tried: that needs to create one')
    return undefined
  }
  const user: NextcloudUser = {
    userId: UNUSUAL_USER_ID,
    password: randomBytes(18).toString('base64url'),
    displayName: 'Carol Ünüsüal',
    email: 'carol@example.com',
  }
  await own.nextcloud.admin.createUser(user)
  return subjectsOf(ctx, own.oauth, user)
}

function judgeSubjects(userId: string, { userinfo, idToken, accessToken }: Subjects): Finding[] {
  const findings: Finding[] = []
  if (userinfo !== userId) {
    findings.push({
      id: 'sub-not-user-id',
      message: 'the sub of userinfo is not the Nextcloud user id',
      expected: 'the user id',
      observed: { userId, sub: userinfo ?? 'missing' },
    })
  }
  const differing = Object.entries({ idToken, accessToken }).filter(
    ([, sub]) => sub !== undefined && sub !== userinfo,
  )
  if (differing.length > 0) {
    findings.push({
      id: 'sub-differs',
      message: 'userinfo and tokens name different subjects',
      expected: 'one and the same',
      observed: { userinfo, ...Object.fromEntries(differing) },
    })
  }
  return findings
}
