import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { BearerChallenge } from '../support/challenge.js'
import { Findings } from '../support/findings.js'
import { askForChallenge } from '../support/resource-metadata.js'

/** Parameters that say what is wrong with a token, and so must not be there when none was sent. */
const ERROR_PARAMETERS = ['error', 'error_description', 'error_uri'] as const
/** RFC 6750 §3: what the values may consist of. */
const ALLOWED = {
  error: /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/,
  error_description: /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/,
  error_uri: /^[\x21\x23-\x5b\x5d-\x7e]+$/,
  scope: /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
} as const

/** The code tells a client whether to sign somebody in, to get a fresh token, or to ask for more scope. */
export const challengeErrorCode = defineCheck({
  id: 'rs.www-authenticate.error-code',
  suite: 'resource-server',
  title: 'The challenge says invalid_token to a bad token and names no error where no token was sent',
  level: 'MUST',
  source: [
    { document: 'RFC6750', clause: '3' },
    { document: 'RFC6750', clause: '3.1' },
    { document: 'OAuth2.1', clause: '5.3.1' },
    { document: 'OAuth2.1', clause: '5.3.2' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-no-error-code' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const token = randomBytes(54).toString('base64url')
    ctx.secret('access_token', token)
    const without = await askForChallenge(ctx, url)
    const bad = await askForChallenge(ctx, url, token)
    const findings = new Findings()
    const errors: Record<string, string> = {}
    for (const [name, { status, challenge }] of Object.entries({ 'no token': without, 'bad token': bad })) {
      if (status !== 401 || challenge === undefined) {
        return notTestable(`${name}: the answer is ${status} and no 401 with a Bearer challenge`)
      }
      errors[name] = challenge.parameters.get('error')?.value ?? 'none'
      judgeForm(findings, name, challenge)
    }
    const named = ERROR_PARAMETERS.filter((name) => without.challenge?.parameters.has(name))
    if (named.length > 0) {
      findings.add({
        id: 'error-without-credentials',
        message: 'the challenge to a request without a token says what is wrong with a token',
        expected: 'no error, error_description or error_uri',
        observed: named,
        level: 'SHOULD',
      })
    }
    const code = bad.challenge?.parameters.get('error')?.value
    if (code !== 'invalid_token') {
      findings.add({
        id: code === undefined ? 'error-code-missing' : 'other-error-code',
        message: 'the challenge to a bad token does not say invalid_token',
        expected: 'error="invalid_token"',
        observed: code ?? 'no error',
        level: 'SHOULD',
      })
    }
    return judge(findings.list(), errors)
  },
})

function judgeForm(findings: Findings, name: string, { parameters, repeated }: BearerChallenge): void {
  for (const parameter of repeated) {
    findings.add({
      id: 'attribute-repeated',
      message: 'a parameter of the challenge comes more than once',
      expected: 'once',
      observed: `${name}: ${parameter}`,
    })
  }
  for (const [parameter, allowed] of Object.entries(ALLOWED)) {
    const value = parameters.get(parameter)?.value
    if (value === undefined || allowed.test(value)) continue
    findings.add({
      id: 'forbidden-characters',
      message: 'a parameter of the challenge has characters that it may not have',
      expected: String(allowed),
      observed: `${name}: ${parameter}`,
    })
  }
}
