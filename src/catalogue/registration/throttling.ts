import { randomBytes } from 'node:crypto'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { isManageable, requestConfiguration } from '../support/client-configuration.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  sendRegistration,
  SILENT_REDIRECT_URI,
  type RegistrationAnswer,
} from '../support/registration-request.js'

const REGISTRATIONS = 12
const PERIOD_SECONDS = 60
const GUESSES = 20
/** Slower than this is slowed down on purpose, as older Nextclouds do it. */
const SLOW_MS = 1_000

/** An anonymous endpoint that makes rows, and one that tells good tokens from bad ones. */
export const throttling = defineCheck({
  id: 'registration.throttling',
  suite: 'registration',
  title:
    'Many registrations in a minute, and many wrong registration access tokens, are slowed down or refused',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'anonymous registration is rate limited' },
    { document: 'RFC6749', clause: '10.10' },
  ],
  modes: ['nextcloud'],
  // A real one would keep our address out for half an hour.
  needs: ['twin'],
  mutants: [{ id: 'n-no-throttle' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ rateLimit: true, bruteForceProtection: true })
    const endpoint = await findRegistrationEndpoint(stack.oauth)
    const register = (): Promise<RegistrationAnswer> =>
      sendRegistration(ctx, endpoint, { redirect_uris: [SILENT_REDIRECT_URI] })
    const answers: RegistrationAnswer[] = []
    for (let count = 1; count <= REGISTRATIONS; count += 1) answers.push(await register())
    const [first] = answers
    if (first === undefined || !bringsClient(first)) {
      return notTestable('positive control: the first registration is refused')
    }
    const findings: Finding[] = []
    const limited = answers.findIndex(({ status }) => status === 429)
    if (limited === -1) {
      findings.push({
        id: 'registrations-not-limited',
        message: `${REGISTRATIONS} registrations at once are all answered`,
        expected: '429 for the excess',
        observed: answers.map(({ status }) => status),
      })
    }
    stack.nextcloud.clock.shift(PERIOD_SECONDS + 1)
    const later = await register()
    if (!bringsClient(later)) {
      findings.push({
        id: 'limit-does-not-end',
        message: 'a minute later registrations are still refused',
        observed: describeRegistration(later),
      })
    }
    const guessing = await guess(ctx, stack, first.members as unknown as RegisteredClient)
    if (typeof guessing !== 'string') findings.push(guessing)
    return judge(findings, {
      registrationsBeforeLimit: limited,
      retryAfter: answers[limited]?.retryAfter ?? 'none',
      guessing,
    })
  },
})

/** What stopped a search for a registration access token, in words, or that nothing did. */
async function guess(
  ctx: Pick<CheckContext, 'fetch'>,
  { nextcloud }: PrivateStack,
  client: RegisteredClient,
): Promise<Finding | string> {
  if (!isManageable(client)) return 'clients cannot be managed'
  const right = await requestConfiguration(ctx, 'GET', client, client.registration_access_token)
  if (right.status !== 200) return `not tried: the right token is answered with ${right.status}`
  const statuses: number[] = []
  for (let count = 1; count <= GUESSES; count += 1) {
    const startedAtMs = performance.now()
    const { status } = await requestConfiguration(ctx, 'GET', client, randomBytes(32).toString('hex'))
    statuses.push(status)
    if (status === 429) return `429 after ${count - 1} wrong tokens`
    if (performance.now() - startedAtMs > SLOW_MS) return `slow answers after ${count - 1} wrong tokens`
  }
  return {
    id: 'guessing-not-limited',
    message: `${GUESSES} wrong registration access tokens are all answered at once`,
    expected: '429, or answers that take longer each time',
    observed: { nextcloud: nextcloud.kind, statuses: [...new Set(statuses)] },
  }
}
