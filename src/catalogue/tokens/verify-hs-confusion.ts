import { createPublicKey } from 'node:crypto'
import { defineCheck, judge } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge, signHs256 } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** A verifier that lets the token choose the algorithm takes the public key for a shared secret. */
export const verifyHsConfusion = defineCheck({
  id: 'tokens.verify.hs-confusion',
  suite: 'tokens',
  title: 'HS256 tokens that are keyed with something public are refused',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC8725', clause: '2.1' },
    { document: 'RFC8725', clause: '3.1' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-hs256-public-key' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    await requireAccepted(ctx, target.url, await forge.sign({}), 'the same token signed with RS256')

    const jwk = await stack.nextcloud.twin.publicJwk()
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    const client = await stack.oauth.register()
    const secrets: readonly (readonly [string, Uint8Array])[] = [
      ['the public key as PEM', Buffer.from(pem)],
      ['the public key as PEM without its last line feed', Buffer.from(pem.trimEnd())],
      ['the public key as PKCS#1 PEM', Buffer.from(key.export({ type: 'pkcs1', format: 'pem' }).toString())],
      ['the public key as DER', key.export({ type: 'spki', format: 'der' })],
      ['the modulus', Buffer.from(String(jwk['n']), 'base64url')],
      ['the modulus in base64url', Buffer.from(String(jwk['n']))],
      ["another client's secret", Buffer.from(client.client_secret)],
    ]
    const forgeries = await Promise.all(
      secrets.map(async ([name, secret]) => {
        const token = await signHs256(forge.real, secret)
        ctx.secret('access_token', token)
        return { name, findingId: 'hs256-accepted', reception: await presentToken(ctx, target.url, token) }
      }),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})
