import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { watchStart } from '../support/own-client.js'

/** Who configures a client wants that one: dynamic clients end by themselves and fill Nextcloud's table. */
export const preconfiguredWins = defineCheck({
  id: 'registration.preconfigured-wins',
  suite: 'registration',
  title: 'A configured client is used, and none is registered, whatever is stored and offered',
  level: 'MUST',
  source: [
    {
      document: 'project',
      clause: 'NEXTCLOUD_OIDC_CLIENT_ID and NEXTCLOUD_OIDC_CLIENT_SECRET go before registration',
    },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-dcr-despite-static' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const folder = await stack.temporaryFolder()
    // What a start without configured client leaves behind must not win either.
    const dynamic = await watchStart(ctx, stack, folder)
    const configured = await stack.oauth.register()
    const start = await watchStart(ctx, stack, folder, {
      NEXTCLOUD_OIDC_CLIENT_ID: configured.client_id,
      NEXTCLOUD_OIDC_CLIENT_SECRET: configured.client_secret,
    })
    const observed = { withoutConfiguration: dynamic, withConfiguration: start }
    const findings: Finding[] = []
    if (start.registrations > 0) {
      findings.push({
        id: 'registered-anyway',
        message: 'a client is registered although one is configured',
        expected: 'no registration',
        observed: start.registrations,
      })
    }
    if (start.clients.some((client) => client !== configured.client_id)) {
      findings.push({
        id: 'other-client-used',
        message: 'another client than the configured one is used',
        expected: [configured.client_id],
        observed: start.clients,
      })
    }
    if (findings.length === 0 && start.reception !== 'accepted' && dynamic.reception === 'accepted') {
      return notTestable(`with the configured client a good token is ${start.reception}`)
    }
    return judge(findings, observed)
  },
})
