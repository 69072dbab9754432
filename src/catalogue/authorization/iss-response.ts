import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import { AuthorizationProbe, describe, type AuthorizationAnswer } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'

const ADVERTISED = 'authorization_response_iss_parameter_supported'

/** Clients that know several servers tell by `iss` which one answered (mix-up attack). */
export const issResponse = defineCheck({
  id: 'authz.iss.response',
  suite: 'authorization',
  title: 'Where responses name their issuer, they all do, exactly as the discovery document does',
  level: 'MAY-when-offered',
  source: [
    { document: 'RFC9207', clause: '2' },
    { document: 'RFC9207', clause: '2.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-iss-wrong', profile: 'strict', alsoNotTestable: '*' }],
  async run(ctx): Promise<Outcome> {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const success = await probe.send()
    if (!success.parameters.has('code')) {
      return notTestable(`positive control: a good request gives no code (${describe(success)})`)
    }
    const error = await probe.send({ response_type: 'nonsense' })
    const { issuer, metadata } = probe.server
    const isAdvertised = metadata[ADVERTISED] === true
    const responses: readonly (readonly [string, AuthorizationAnswer])[] = [
      ['success', success],
      ['error', error],
    ]
    if (!isAdvertised && responses.every(([, { parameters }]) => !parameters.has('iss'))) {
      return {
        kind: 'not-applicable',
        reason: 'responses name no issuer (RFC 9207), and nothing says they do',
      }
    }
    const findings = new Findings()
    const observed: Record<string, unknown> = { advertised: isAdvertised }
    for (const [name, { parameters }] of responses) {
      const iss = parameters.get('iss')
      observed[name] = iss ?? 'no iss'
      if (iss === null) {
        findings.add({
          id: 'iss-missing',
          message: `the ${name} response does not name its issuer`,
          expected: issuer,
          observed: { [name]: 'no iss' },
        })
      } else if (iss !== issuer) {
        findings.add({
          id: 'iss-differs',
          message: 'a response names another issuer than the discovery document',
          expected: issuer,
          observed: { [name]: iss },
        })
      }
    }
    if (!isAdvertised) {
      findings.add({
        id: 'iss-not-advertised',
        message: `responses name their issuer, but the discovery document lacks ${ADVERTISED}`,
        expected: true,
        observed: metadata[ADVERTISED] ?? 'absent',
      })
    }
    return judge(findings.list(), observed)
  },
})
