import { defineCheck, judge, notTestable } from '../check.js'
import { AuthorizationProbe, describe, type ParameterChanges } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'

/** RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6. */
const REGISTERED_ERRORS = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'invalid_request_uri',
  'invalid_request_object',
  'request_not_supported',
  'request_uri_not_supported',
  'registration_not_supported',
])

const FAULTS: Readonly<Record<string, ParameterChanges>> = {
  'unknown response_type': { response_type: 'nonsense' },
  'no response_type': { response_type: undefined },
  'response_type token': { response_type: 'token' },
  'unknown code_challenge_method': { code_challenge_method: 'S512' },
}

/** An error that does not reach the client leaves it, and the person, waiting. */
export const errorRedirect = defineCheck({
  id: 'authz.error.redirect',
  suite: 'authorization',
  title: 'A faulty request of a known client is answered to it, with a registered error and its state',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2.1' },
    { document: 'OAuth2.1', clause: '7.5.4' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-error-without-state', alsoRed: ['authz.state.echo'] }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await probe.send()
    if (!control.parameters.has('code')) {
      return notTestable(`positive control: a good request gives no code (${describe(control)})`)
    }
    const findings = new Findings()
    const answers: Record<string, string> = {}
    for (const [fault, changes] of Object.entries(FAULTS)) {
      const answer = await probe.send(changes)
      const observed = { [fault]: describe(answer) }
      Object.assign(answers, observed)
      const error = answer.parameters.get('error')
      if (answer.sentTo === undefined) {
        findings.add({
          id: 'error-not-delivered',
          message: 'a faulty request is not answered to its client',
          expected: 'a redirect to the redirect URI, with error',
          observed,
        })
        continue
      }
      if (answer.parameters.has('code') || answer.parameters.has('access_token')) {
        findings.add({
          id: 'faulty-request-served',
          message: 'a faulty request is answered as if it were a good one',
          expected: 'error',
          observed,
        })
        continue
      }
      if (error === null || !REGISTERED_ERRORS.has(error)) {
        findings.add({
          id: 'unregistered-error',
          message: 'a faulty request is answered without a registered error code',
          expected: [...REGISTERED_ERRORS],
          observed,
        })
      }
      if (answer.parameters.get('state') !== answer.request.state) {
        findings.add({
          id: 'error-without-state',
          message: 'an error response does not carry the state of its request',
          expected: answer.request.state,
          observed: { [fault]: answer.parameters.get('state') ?? 'no state' },
        })
      }
      if (answer.status !== 302 && answer.status !== 303) {
        findings.add({
          id: 'other-redirect-status',
          level: 'SHOULD',
          message: 'an error response is no redirect with status 302 or 303',
          expected: '302 or 303',
          observed,
        })
      }
    }
    const unknownClient = await probe.send({ client_id: 'ncmc-unknown-client-0123456789abcdef' })
    answers['unknown client'] = describe(unknownClient)
    if (unknownClient.sentTo !== undefined) {
      findings.add({
        id: 'unknown-client-redirected',
        message: 'a request of an unknown client is redirected to the URI that it names',
        expected: 'a page that informs the person, and no redirect',
        observed: describe(unknownClient),
      })
    }
    return judge(findings.list(), answers)
  },
})
