import { defineCheck, judge } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'

const NOTIFICATIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'notifications/initialized': {},
  'notifications/cancelled': { requestId: 'ncmc-never-sent', reason: 'nothing to cancel' },
  'notifications/ncmc-unknown': {},
}

/** A client that gets an answer to what asks nothing has an id too many, or waits for a body. */
export const notification202 = defineCheck({
  id: 'protocol.notification-202',
  suite: 'protocol',
  title: 'Notifications are accepted with 202 and no body, or refused; they are never answered',
  level: 'MUST',
  source: [{ document: 'MCP-Transport', clause: 'Sending Messages to the Server' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-notification-gets-response' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const findings = new Findings()
    const observed: Record<string, number> = {}
    for (const [method, params] of Object.entries(NOTIFICATIONS)) {
      const { status, message, text } = await session.send({ body: { jsonrpc: '2.0', method, params } })
      observed[method] = status
      if (message?.result !== undefined) {
        findings.add({
          id: 'notification-answered',
          message: 'a notification is answered with a JSON-RPC result',
          expected: '202 without a body',
          observed: `${method}: ${status}`,
        })
      } else if (status < 400 && status !== 202) {
        findings.add({
          id: 'accepted-without-202',
          message: 'a notification is accepted with another status than 202',
          expected: 202,
          observed: `${method}: ${status}`,
        })
      } else if (status === 202 && text !== '') {
        findings.add({
          id: 'body-with-202',
          message: 'a 202 for a notification has a body',
          expected: 'no body',
          observed: `${method}: ${text.length} characters`,
        })
      } else if (status >= 500) {
        findings.add({
          id: 'server-error',
          message: 'a notification is answered with a server error',
          expected: '202 or 4xx',
          observed: `${method}: ${status}`,
        })
      }
    }
    return judge(findings.list(), observed)
  },
})
