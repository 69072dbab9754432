import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { presentToken } from '../support/token-probe.js'
import { attemptStart, type StartAttempt } from '../support/start-attempt.js'

/** What the message must name, one way out each. */
const REMEDIES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'NEXTCLOUD_OIDC_CLIENT_ID', pattern: /NEXTCLOUD_OIDC_CLIENT_ID/ },
  { name: 'dynamic client registration', pattern: /registration|\bDCR\b/i },
]

/** A server without any client looks healthy and fails its first user. */
export const noWayToRegister = defineCheck({
  id: 'registration.no-way-to-register',
  suite: 'registration',
  title:
    'Without a configured client and without a registration endpoint the server ends and names both ways out',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a server that cannot have a client does not start' }],
  modes: ['oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-starts-without-client' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const open = await ctx.privateStack()
    const closed = await ctx.privateStack({ oidcConfig: { dynamic_client_registration: 'false' } })
    const [control, attempt] = await Promise.all([
      attemptStart(open, 'oauth', {}),
      attemptStart(closed, 'oauth', {}),
    ])
    if (control.kind !== 'started') {
      return notTestable('positive control: with registration switched on the server does not start either')
    }
    const finding = judgeAttempt(attempt, ctx.windows.startupTimeoutMs)
    if (attempt.kind === 'started') {
      ctx.note(`a token is ${await presentToken(ctx, attempt.target.url, 'no-token')}`)
    }
    return judge(finding === undefined ? [] : [finding], { log: attempt.log().slice(-5) })
  },
})

function judgeAttempt(attempt: StartAttempt, startupTimeoutMs: number): Finding | undefined {
  switch (attempt.kind) {
    case 'started':
      return {
        id: 'starts-without-client',
        message: 'the server starts although it has no client and can have none',
        expected: 'an exit code other than 0',
      }
    case 'hung':
      return {
        id: 'neither-serves-nor-ends',
        message: 'the server neither answers nor ends',
        expected: `an end within ${startupTimeoutMs} ms`,
      }
    case 'ended': {
      if (attempt.exitCode === 0) {
        return {
          id: 'ends-as-if-well',
          message: 'the server ends with exit code 0',
          expected: 'another exit code',
        }
      }
      const text = attempt.log().join('\n')
      const missing = REMEDIES.filter(({ pattern }) => !pattern.test(text)).map(({ name }) => name)
      if (missing.length === 0) return undefined
      return {
        id: 'remedy-not-named',
        message: `the message does not name ${missing.join(' and ')}`,
        expected: REMEDIES.map(({ name }) => name),
        observed: text.slice(-500),
      }
    }
  }
}
