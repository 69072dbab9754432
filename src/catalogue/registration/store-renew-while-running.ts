import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { registerUsableClient } from '../support/usable-client.js'
import { countRegistrations, REGISTERS_NOTHING, useOwnClient } from '../support/own-client.js'
import { presentToken } from '../support/token-probe.js'

const LIFE_SECONDS = 1
const LIVES = 2
/** Nextcloud counts in whole seconds: a client may live up to one longer. */
const ROUNDING_SECONDS = 1
const USUAL_LIFE_SECONDS = 3_600
const OUR_REGISTRATIONS = 1

/** A server that runs for weeks outlives its client many times. */
export const storeRenewWhileRunning = defineCheck({
  id: 'registration.store.renew-while-running',
  suite: 'registration',
  title: "A running server whose client's life ends has another one, and the next user notices nothing",
  level: 'MUST',
  source: [{ document: 'project', clause: 'the own client is renewed while the server runs' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-no-runtime-renewal' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ oidcConfig: { client_expire_time: String(LIFE_SECONDS) } })
    const { twin, admin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    if (countRegistrations(twin.requests()) === 0) return REGISTERS_NOTHING
    const atStart = await useOwnClient(ctx, stack, url)
    twin.clearRequests()
    // A real wait, two lives long: the server plans its renewal with timers of its own, which nothing can hurry.
    await delay((LIVES * LIFE_SECONDS + ROUNDING_SECONDS) * 1_000)
    // Any authorization makes Nextcloud drop the clients whose life is over.
    const { metadata } = await stack.oauth.discover()
    await ctx.fetch(
      `${metadata.authorization_endpoint}?client_id=none&redirect_uri=http://127.0.0.1:9/&prompt=none`,
    )
    // From here on clients live long, so that neither a user's client nor a renewed one ends during the flow.
    await admin.setAppConfig('oidc', 'client_expire_time', String(USUAL_LIFE_SECONDS))
    const renewedAhead = countRegistrations(twin.requests())
    const client = await registerUsableClient(ctx, stack.oauth, {})
    const { tokens } = await stack.oauth.mint('alice', { client, resource: url })
    const reception = await presentToken(ctx, url, tokens.access_token)
    // A server that looks at the end of its client, or hears of it, only when it needs the client, renews in time, too.
    const renewed = countRegistrations(twin.requests()) - OUR_REGISTRATIONS
    const observed = {
      clientLifeSeconds: LIFE_SECONDS,
      registrationsBeforeUse: renewedAhead,
      registrationsAfterUse: renewed,
      tokenAtStart: atStart.reception,
      tokenAfterExpiry: reception,
    }
    const findings: Finding[] = []
    if (reception !== 'accepted') {
      if (atStart.reception !== 'accepted')
        return notTestable(`at its start a good token is ${atStart.reception}`)
      findings.push({
        id: 'flow-after-expiry-refused',
        message: "after the end of the server's client the token of a new flow is not accepted",
        expected: 'accepted',
        observed,
      })
    }
    if (renewed < 1) {
      findings.push({
        id: 'not-renewed',
        message: 'the server has no new client after the life of the first one',
        expected: 'a registration without a restart',
        observed,
        ...(reception === 'accepted' ? { level: 'SHOULD' as const } : {}),
      })
    }
    return judge(findings, observed)
  },
})
