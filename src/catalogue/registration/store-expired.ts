import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { REGISTERS_NOTHING, reusesStoredClient, watchStart } from '../support/own-client.js'

const LIFE_SECONDS = 1
/** Nextcloud counts in whole seconds: a client may live a moment longer than its life. */
const ROUNDING_MS = 50
const USUAL_LIFE_SECONDS = 3_600

/** With a dead client the server can ask Nextcloud nothing, and refuses every user until somebody removes the file. */
export const storeExpired = defineCheck({
  id: 'registration.store.expired',
  suite: 'registration',
  title:
    'A server that starts with a stored client whose life is over registers one new client and keeps that',
  level: 'MUST',
  source: [{ document: 'project', clause: 'an expired client is replaced at the start' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-uses-expired-client' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ oidcConfig: { client_expire_time: String(LIFE_SECONDS) } })
    const { clock, admin } = stack.nextcloud
    const folder = await stack.temporaryFolder()
    const first = await watchStart(ctx, stack, folder)
    if (first.registrations === 0) return REGISTERS_NOTHING

    // A real wait: the server compares with its own clock, which cannot be set, and how it stores the end is its own.
    await delay(LIFE_SECONDS * 1_000 + ROUNDING_MS)
    await admin.setAppConfig('oidc', 'client_expire_time', String(USUAL_LIFE_SECONDS))
    // Nextcloud counts the present setting for old clients, too: without this the longer life would revive them.
    clock.shift(USUAL_LIFE_SECONDS + LIFE_SECONDS)

    const second = await watchStart(ctx, stack, folder)
    const third = await watchStart(ctx, stack, folder)
    const observed = {
      first: first.registrations,
      second: second.registrations,
      third: third.registrations,
    }
    const findings: Finding[] = []
    if (second.registrations === 0) {
      findings.push({
        id: 'expired-client-kept',
        message: 'the server goes on with a stored client whose life is over',
        expected: '1 registration',
        observed,
      })
    }
    if (second.registrations > 1) {
      findings.push({
        id: 'registered-repeatedly',
        message: 'one start with an expired client registers several new ones',
        expected: '1 registration',
        observed,
      })
    }
    if (findings.length > 0 || third.registrations === 0) return judge(findings, observed)
    if (!(await reusesStoredClient(ctx))) {
      return notTestable('positive control: a stored client that lives is not used again either')
    }
    return judge([
      {
        id: 'new-client-not-kept',
        message: 'the client that replaced the expired one is not used at the next start',
        expected: 'no registration at the third start',
        observed,
      },
    ])
  },
})
