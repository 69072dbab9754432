import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import { isRefusal, runCallbackFlow } from '../support/callback-flow.js'
import { Findings } from '../support/findings.js'
import { askServerCallback, describeServerCallback } from '../support/server-callback.js'

/** A response without a code is none: what a proxy or a person cut off must not become a token request. */
export const callbackMissingCode = defineCheck({
  id: 'authz.callback.missing-code',
  suite: 'authorization',
  title: 'A response with neither code nor error, or with an empty code, is refused and exchanged by nobody',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the callback listener takes complete responses only' },
    { document: 'RFC6749', clause: '4.1.2' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 'c-empty-code-exchanged' }],
  async run(ctx) {
    const code = randomBytes(24).toString('base64url')
    ctx.secret('code', code)
    const incomplete: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'neither code nor error': {},
      'empty code': { code: '' },
      'empty error': { error: '' },
    }
    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    for (const [name, response] of Object.entries(incomplete)) {
      const flow = await runCallbackFlow(ctx, [response, { code }])
      const [page, control] = flow.pages
      observed[name] = page?.status
      if (flow.exchangedCodes.some((exchanged) => exchanged !== code)) {
        findings.add({
          id: 'empty-code-exchanged',
          message: 'a response without a code leads to a token request',
          expected: 'no token request',
          observed: name,
        })
      }
      if (page === undefined || !isRefusal(page)) {
        findings.add({
          id: 'incomplete-response-accepted',
          message: 'a response with neither a code nor an error is not refused',
          expected: '4xx',
          observed: { [name]: page?.status },
        })
      } else if (control?.status !== 200 || flow.exchangedCodes.length !== 1) {
        return notTestable(`positive control: after it a response with a code is not exchanged (${flow.end})`)
      }
    }
    const server = await askServerCallback(ctx, { state: randomBytes(24).toString('base64url'), code: '' })
    if (server !== undefined && !isRefusal(server)) {
      findings.add({
        id: 'server-accepts-incomplete-response',
        message: "the server's own callback does not refuse a response with an empty code",
        expected: '4xx',
        observed: server.status,
      })
    }
    return judge(findings.list(), { ...observed, serverCallback: describeServerCallback(server) })
  },
})
