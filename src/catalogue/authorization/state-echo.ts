import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import { AuthorizationProbe, describe, type AuthorizationAnswer } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'

/** All printable ASCII may be in a state (RFC 6749 appendix A.5). */
const STATES: Readonly<Record<string, string>> = {
  separators: 'a=b&c=d;e?f#g',
  'plus and space': 'a+b c +',
  'percent and escapes': '100% a%2Bb %252F %zz',
  quotes: `"'<>\\\`{}|^`,
  slashes: 'https://mcp.example/a?b=c',
  '512 characters': randomBytes(384).toString('base64url'),
}

/** A client that does not get back what it sent takes its own response for a forged one. */
export const stateEcho = defineCheck({
  id: 'authz.state.echo',
  suite: 'authorization',
  title: 'Any state comes back character by character, with a code and with an error',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2' },
    { document: 'RFC6749', clause: '4.1.2.1' },
    { document: 'OAuth2.1', clause: '4.1.2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-state-decoded-twice' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await probe.send()
    if (!control.parameters.has('code')) {
      return notTestable(`positive control: a good request gives no code (${describe(control)})`)
    }
    const findings = new Findings()
    const compare = (name: string, answer: AuthorizationAnswer): void => {
      const returned = answer.parameters.get('state')
      if (returned === answer.request.state) return
      const response = answer.parameters.has('code') ? 'success' : 'error'
      findings.add({
        id: `state-changed-in-${response}`,
        message: `the state of a request does not come back as it was in the ${response} response`,
        expected: 'the state of the request',
        observed: { state: name, sent: answer.request.state, returned: returned ?? describe(answer) },
      })
    }
    compare('random', control)
    for (const [name, state] of Object.entries(STATES)) {
      compare(name, await probe.send({ state }))
      compare(name, await probe.send({ state, response_type: 'nonsense' }))
    }
    const without = await probe.send({ state: undefined })
    // Outside the grammar of state, so nothing is asked of it.
    const beyondAscii = await probe.send({ state: 'é' })
    return judge(findings.list(), {
      states: Object.keys(STATES),
      withoutState: without.parameters.get('state') ?? 'no state',
      beyondAscii: beyondAscii.parameters.get('state') ?? describe(beyondAscii),
    })
  },
})
