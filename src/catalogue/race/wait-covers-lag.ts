import { randomBytes } from 'node:crypto'
import { defineCheck, notTestable, violated, satisfied } from '../check.js'
import { countRegistrations, refusedUses, REGISTERS_NOTHING } from '../support/own-client.js'
import { presentToken } from '../support/token-probe.js'

const LAG_MS = 300

/** A server that is ready before its own client is known fails its first users. */
export const waitCoversLag = defineCheck({
  id: 'race.mitigation.wait-covers-short-lag',
  suite: 'race',
  title: 'A server whose fresh client becomes known 300 ms late serves its first user all the same',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a fresh client is waited for before it is used' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [
    {
      id: 's-no-wait-after-register',
      alsoRed: ['race.mitigation.discovery-poll-is-no-evidence', 'race.never'],
    },
  ],
  async run(ctx) {
    const stack = await ctx.privateStack({ lag: { clientMs: LAG_MS } })
    const { twin, users } = stack.nextcloud
    // The first user's client is older than the server's, so that only the server's own can be unknown.
    const client = await stack.oauth.register()
    const firstToken = randomBytes(36).toString('base64url')
    ctx.secret('access_token', firstToken)
    twin.honourToken(firstToken, users.alice.userId)

    const { url } = await stack.launch('oauth')
    // At the first ready moment: before any login could have taken place.
    const reception = await presentToken(ctx, url, firstToken)
    const { tokens } = await stack.oauth.mint('alice', { client, resource: url })
    const first = await presentToken(ctx, url, tokens.access_token)

    const requests = twin.requests()
    const registrations = countRegistrations(requests) - 1
    const refusals = refusedUses(requests).filter(({ clientId }) => clientId !== client.client_id)
    const observed = {
      registrations,
      refusals: refusals.map(({ path, status }) => `${path} ${status}`),
      tokenAtReadiness: reception,
      tokenOfFirstFlow: first,
    }
    if (registrations < 1) return REGISTERS_NOTHING
    if (refusals.length > 0) {
      return violated({
        id: 'used-before-known',
        message: 'the server used its own client before Nextcloud knew it',
        expected: 'no request refused because of an unknown client',
        observed,
      })
    }
    if (first === 'accepted') return satisfied(observed)
    // With the lag over, a second flow shows whether the lag was the reason.
    stack.nextcloud.clock.shift((2 * LAG_MS) / 1000)
    const later = await stack.oauth.mint('alice', { client, resource: url })
    const second = await presentToken(ctx, url, later.tokens.access_token)
    if (second !== 'accepted') {
      return notTestable(`positive control: a token is ${second} after the lag, too`)
    }
    return violated({
      id: 'first-token-refused',
      message: 'the token of the first flow is not accepted',
      expected: 'accepted',
      observed,
    })
  },
})
