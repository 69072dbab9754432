import { defineCheck, judge } from '../check.js'
import type { TokenFormat } from '../context.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

interface Sample {
  readonly name: string
  readonly findingId: string
  readonly token: string
}

/** Anybody can run a Nextcloud with a user called alice. */
export const otherIssuer = defineCheck({
  id: 'rs.token.other-issuer',
  suite: 'resource-server',
  title: 'A token of another Nextcloud, for this server and the same user, is refused with 401',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'MCP-Authorization', clause: 'Token Handling' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-iss-unchecked', alsoRed: ['tokens.verify.no-fallback-bypass'] }],
  async run(ctx) {
    const [stack, foreign] = await Promise.all([ctx.privateStack(), ctx.privateStack({ ownKey: true })])
    const target = await stack.launch('oauth')
    const mintAt = async (oauth: typeof stack.oauth, format: TokenFormat): Promise<string> =>
      (await oauth.mint('alice', { format, resource: target.url })).tokens.access_token
    const samples: Sample[] = []
    for (const format of ctx.tokenFormats) {
      await requireAccepted(
        ctx,
        target.url,
        await mintAt(stack.oauth, format),
        `its own Nextcloud's ${format} token`,
      )
      samples.push({
        name: `${format} token of another Nextcloud`,
        findingId: `foreign-accepted-${format}`,
        token: await mintAt(foreign.oauth, format),
      })
    }
    if (ctx.tokenFormats.includes('jwt')) {
      // A copy of the instance, such as one for staging, signs with the same key: only the issuer differs.
      const forge = await createJwtForge(ctx, stack, target)
      const claims = { ...forge.real.claims, iss: foreign.nextcloud.baseUrl }
      samples.push({
        name: 'JWT of a copy of this Nextcloud at another address',
        findingId: 'copy-accepted-jwt',
        token: await forge.sign({ claims }),
      })
    }
    const forgeries = await Promise.all(
      samples.map(async ({ name, findingId, token }) => ({
        name,
        findingId,
        reception: await presentToken(ctx, target.url, token),
      })),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})
