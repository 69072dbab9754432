import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineCheck, judge, type Finding } from '../check.js'
import { isRefusal, requestPage } from '../support/callback-flow.js'

/** How long the flow may wait for its response, ms. */
const TIMEOUT_MS = 200
/** When a flow that should have ended long ago counts as endless, ms. Waited for only where it is. */
const PATIENCE_MS = 3_000

/** A login that nobody finishes must not look like one that is still going on. */
export const callbackTimeout = defineCheck({
  id: 'authz.callback.timeout',
  suite: 'authorization',
  title: 'A login that is never answered ends after its time, says what was awaited, and frees its port',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a login that is not answered ends with an explicit timeout' }],
  modes: ['oauth'],
  mutants: [{ id: 'c-waits-forever' }],
  async run(ctx) {
    const callback = await ctx.callbackServer()
    const state = randomBytes(24).toString('base64url')
    const startedAtMs = performance.now()
    const pending = callback.expect(state, { timeoutMs: TIMEOUT_MS })
    const end = await Promise.race([
      pending.response.then(
        () => 'a response',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      ),
      sleep(PATIENCE_MS, undefined, { ref: false }),
    ])
    const waitedMs = Math.round(performance.now() - startedAtMs)
    const findings: Finding[] = []
    if (end === undefined) {
      findings.push({
        id: 'waits-on',
        message: 'a login that is not answered goes on waiting after its time',
        expected: `an end after ${TIMEOUT_MS} ms`,
        observed: `none after ${waitedMs} ms`,
      })
    } else if (!end.includes(callback.redirectUri) || !end.includes(String(TIMEOUT_MS))) {
      findings.push({
        id: 'reason-untold',
        message: 'the end of a login that was not answered does not say what was awaited, and for how long',
        expected: `${callback.redirectUri} and ${TIMEOUT_MS} ms`,
        observed: end,
      })
    }
    const code = randomBytes(24).toString('base64url')
    ctx.secret('code', code)
    const late = await requestPage(ctx, callback.redirectUri, { state, code })
    if (end !== undefined && !isRefusal(late)) {
      findings.push({
        id: 'late-response-accepted',
        message: 'a response that comes after the end of its login is not refused',
        expected: '4xx',
        observed: late.status,
      })
    }
    await callback.close()
    const afterClose = await requestPage(ctx, callback.redirectUri, { state, code }).then(
      ({ status }) => status,
      () => 'nobody listens',
    )
    if (typeof afterClose === 'number') {
      findings.push({
        id: 'port-not-freed',
        message: 'the callback still answers after the login is over',
        expected: 'nobody listens',
        observed: afterClose,
      })
    }
    return judge(findings, { end, late: late.status, afterClose })
  },
})
