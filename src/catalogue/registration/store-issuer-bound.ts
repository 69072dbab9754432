import { defineCheck, judge, type Finding } from '../check.js'
import { namedClients, REGISTERS_NOTHING, watchStart } from '../support/own-client.js'

/** A client that is shown elsewhere hands its secret to a stranger. */
export const storeIssuerBound = defineCheck({
  id: 'registration.store.issuer-bound',
  suite: 'registration',
  title: 'A stored client is used at the authorization server that issued it, and at no other',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'a client belongs to the issuer that registered it' },
    { document: 'MCP-Client-Registration', clause: 'Authorization Server Binding' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-store-cross-issuer' }],
  async run(ctx) {
    const home = await ctx.privateStack()
    const foreign = await ctx.privateStack({ ownKey: true })
    const folder = await home.temporaryFolder()
    const first = await watchStart(ctx, home, folder)
    if (first.registrations === 0) return REGISTERS_NOTHING
    const known = namedClients(home.nextcloud.twin.requests())
    const moved = await watchStart(ctx, foreign, folder)
    const shown = namedClients(foreign.nextcloud.twin.requests()).filter((client) => known.includes(client))
    const findings: Finding[] = []
    if (shown.length > 0) {
      findings.push({
        id: 'client-shown-to-other-issuer',
        message: 'the stored client of one authorization server is sent to another one',
        expected: 'another client, or none',
        observed: shown,
      })
    }
    if (moved.registrations === 0) {
      findings.push({
        id: 'not-registered-at-new-issuer',
        message: 'the server does not register at an authorization server where it has no client',
        expected: 'a registration',
        observed: moved.registrations,
      })
    }
    return judge(findings, { registrations: [first.registrations, moved.registrations], ownClients: known })
  },
})
