import { randomBytes } from 'node:crypto'
import { defineCheck, judge, type Finding } from '../check.js'
import { isRefusal, runCallbackFlow } from '../support/callback-flow.js'
import { askServerCallback, describeServerCallback } from '../support/server-callback.js'

/** A person who was refused must not watch a client wait, and a client that was refused must not go on. */
export const callbackErrorParam = defineCheck({
  id: 'authz.callback.error-param',
  suite: 'authorization',
  title: 'An error response ends the login at once with that error, and no code is exchanged any more',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the callback listener reports errors at once' },
    { document: 'RFC6749', clause: '4.1.2.1' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 'c-error-ignored' }],
  async run(ctx) {
    const code = randomBytes(24).toString('base64url')
    ctx.secret('code', code)
    const denied = { error: 'access_denied', error_description: 'no' }
    // The code comes late, and only a flow that did not end takes it.
    const flow = await runCallbackFlow(ctx, [denied, { code }])
    const statuses = flow.pages.map(({ status }) => status)
    const findings: Finding[] = []
    if (flow.error !== denied.error) {
      findings.push({
        id: 'error-ignored',
        message: 'the login does not end with the error of the authorization response',
        expected: denied.error,
        observed: flow.end,
      })
    }
    const [page] = flow.pages
    if (page === undefined || !isRefusal(page)) {
      findings.push({
        id: 'error-shown-as-success',
        message: 'the page for an error response is no 4xx',
        expected: '4xx',
        observed: statuses,
      })
    }
    if (flow.exchangedCodes.length > 0) {
      findings.push({
        id: 'code-exchanged-after-error',
        message: 'a code that comes after the error is exchanged',
        expected: 'no token request',
        observed: flow.exchangedCodes.length,
      })
    }
    const server = await askServerCallback(ctx, { ...denied, state: randomBytes(24).toString('base64url') })
    if (server !== undefined && !isRefusal(server)) {
      findings.push({
        id: 'server-accepts-unknown-error',
        message: "the server's own callback does not refuse an error response with an unknown state",
        expected: '4xx',
        observed: server.status,
      })
    }
    return judge(findings, { statuses, end: flow.end, serverCallback: describeServerCallback(server) })
  },
})
