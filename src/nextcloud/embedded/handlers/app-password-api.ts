import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import type { AppPasswordRow } from '../app-passwords.js'
import { jsonResponse } from '../responses.js'
import { csrfPasses } from '../session.js'
import type { SessionRow } from '../store.js'
import { isOcsRequest, ocsFailure, ocsSuccess } from './ocs.js'

const FORBIDDEN = 403
const UNAUTHORISED = 997

type Handler = (c: Context<EmbeddedEnv>, session: SessionRow & { userId: string }) => Response

/** OCS of core for app passwords: make one with a real password, rotate or end the one that is in use. */
export function registerAppPasswordRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const { appPasswords } = ctx.store
  const route = (method: string, path: string, handler: Handler): void => {
    const paths = ['/ocs/v1.php', '/ocs/v2.php'].map((base) => `${base}/core${path}`)
    app.on([method], paths, (c) => guarded(c, handler))
  }
  route('GET', '/getapppassword', (c, session) => {
    if (session.appPasswordHash !== null) {
      return refused(c, 'You cannot request an new apppassword with an apppassword')
    }
    if (session.loginName === null) return refused(c, '')
    const apppassword = appPasswords.create({
      userId: session.userId,
      loginName: session.loginName,
      clientName: c.req.header('user-agent') ?? '',
      createdSeconds: ctx.clock.nowSeconds(),
    })
    return ocsSuccess(c, { apppassword })
  })
  const inUse = ({ appPasswordHash }: SessionRow): AppPasswordRow | undefined =>
    appPasswordHash === null ? undefined : appPasswords.get(appPasswordHash)
  route('DELETE', '/apppassword', (c, session) => {
    const row = inUse(session)
    if (row === undefined) return refused(c, 'no app password in use')
    appPasswords.revoke(row.hash)
    return ocsSuccess(c, [])
  })
  route('POST', '/apppassword/rotate', (c, session) => {
    const row = inUse(session)
    if (row === undefined) return refused(c, 'no app password in use')
    appPasswords.revoke(row.hash)
    return ocsSuccess(c, { apppassword: appPasswords.create(row) })
  })
}

async function guarded(c: Context<EmbeddedEnv>, handler: Handler): Promise<Response> {
  const session = c.get('session')
  const { userId } = session
  if (userId === null) return ocsFailure(c, 401, UNAUTHORISED, 'Current user is not logged in')
  if (!isOcsRequest(c) && !(await csrfPasses(c)))
    return jsonResponse(c, 412, { message: 'CSRF check failed' })
  return handler(c, session as SessionRow & { userId: string })
}

/** OCS v1 tells "forbidden" as 401. */
function refused(c: Context<EmbeddedEnv>, message: string): Response {
  return ocsFailure(c, c.req.path.startsWith('/ocs/v1.php') ? 401 : FORBIDDEN, FORBIDDEN, message)
}
