import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { isRefusal } from '../support/callback-flow.js'
import { askServerCallback, describeServerCallback } from '../support/server-callback.js'

/** The listener of the toolkit itself: a code that somebody else sends must never end up in our flow. */
export const callbackState = defineCheck({
  id: 'authz.callback.state-mismatch',
  suite: 'authorization',
  title: 'The callback listener takes a response only for the flow whose state it carries, and only once',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the callback listener checks state' },
    { document: 'MCP-Security', clause: 'Required Protections' },
    { document: 'RFC9700', clause: '2.1' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 'c-state-unchecked' }],
  async run(ctx) {
    const callback = await ctx.callbackServer()
    const states = { first: random(), second: random() }
    const codes = { first: random(), second: random(), foreign: random() }
    for (const code of Object.values(codes)) ctx.secret('code', code)
    const first = callback.expect(states.first)
    const second = callback.expect(states.second)
    const send = async (parameters: Readonly<Record<string, string>>): Promise<number> => {
      const response = await ctx.fetch(
        `${callback.redirectUri}?${new URLSearchParams(parameters).toString()}`,
      )
      await response.body?.cancel()
      return response.status
    }
    const answers: Record<string, number> = {}
    answers['wrong state'] = await send({ code: codes.foreign, state: random() })
    answers['no state'] = await send({ code: codes.foreign })
    answers['empty state'] = await send({ code: codes.foreign, state: '' })
    const control = await send({ code: codes.first, state: states.first })
    answers['used state'] = await send({ code: codes.foreign, state: states.first })
    const secondControl = await send({ code: codes.second, state: states.second })

    const findings: Finding[] = []
    const accepted = Object.entries(answers).filter(([, status]) => status < 400 || status > 499)
    if (accepted.length > 0) {
      findings.push({
        id: 'foreign-response-accepted',
        message: `a response with ${accepted.map(([name]) => name).join(', ')} is not refused`,
        expected: '4xx',
        observed: answers,
      })
    }
    // Every answer has come, so whatever was delivered has been delivered.
    const delivered = { first: await codeOf(first.response), second: await codeOf(second.response) }
    const exchanged = (['first', 'second'] as const).filter((flow) => delivered[flow] === codes.foreign)
    if (exchanged.length > 0) {
      findings.push({
        id: 'foreign-code-delivered',
        message: `a code with a foreign state is handed to ${exchanged.length} waiting flows`,
        expected: 'the code of the own response',
        observed: exchanged,
      })
    }
    const finished = delivered.first === codes.first && delivered.second === codes.second
    if (findings.length === 0 && !(finished && control === 200 && secondControl === 200)) {
      return notTestable('positive control: a response with the right state does not reach its flow')
    }
    const server = await askServerCallback(ctx, { code: codes.foreign, state: random() })
    if (server !== undefined && !isRefusal(server)) {
      findings.push({
        id: 'server-accepts-foreign-response',
        message: "the server's own callback does not refuse a code with an unknown state",
        expected: '4xx',
        observed: server.status,
      })
    }
    return judge(findings, { ...answers, serverCallback: describeServerCallback(server) })
  },
})

function random(): string {
  return randomBytes(24).toString('base64url')
}

/** The code that a flow got; `undefined` when it is still waiting. */
async function codeOf(response: Promise<URL>): Promise<string | null | undefined> {
  const url = await Promise.race([
    response.catch(() => undefined),
    new Promise<undefined>((resolve) => setImmediate(resolve, undefined)),
  ])
  return url?.searchParams.get('code')
}
