import { defineCheck, notTestable, satisfied, violated } from '../check.js'
import { REGISTERS_NOTHING, reusesStoredClient, watchStart } from '../support/own-client.js'

/** 0 read as a time lies in 1970. */
export const storeNeverExpires = defineCheck({
  id: 'registration.store.never-expires',
  suite: 'registration',
  title: 'A stored client with client_secret_expires_at 0 does not expire and is used again',
  level: 'MUST',
  source: [{ document: 'RFC7591', clause: '3.2.1' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-zero-means-expired' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ endlessClients: true })
    const folder = await stack.temporaryFolder()
    const first = await watchStart(ctx, stack, folder)
    if (first.registrations === 0) return REGISTERS_NOTHING
    const second = await watchStart(ctx, stack, folder)
    const observed = { first, second }
    if (second.registrations > 0) {
      if (!(await reusesStoredClient(ctx))) {
        return notTestable('positive control: a stored client that has an end is not used again either')
      }
      return violated({
        id: 'endless-client-replaced',
        message: 'a client without an end is taken for an expired one',
        expected: 'no registration at the second start',
        observed,
      })
    }
    return satisfied(observed)
  },
})
