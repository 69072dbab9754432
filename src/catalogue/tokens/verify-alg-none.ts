import { defineCheck, judge } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge, encodeJwtPart } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** A token that nobody signed is one that anybody can write. */
export const verifyAlgNone = defineCheck({
  id: 'tokens.verify.alg-none',
  suite: 'tokens',
  title: 'JWTs without a signature are refused, however they say so',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC8725', clause: '3.1' },
    { document: 'RFC8725', clause: '3.2' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-accepts-alg-none', alsoRed: ['resilience.validation-outage.fail-closed'] }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    const signed = await forge.sign({})
    await requireAccepted(ctx, target.url, signed, 'the same token with its signature')

    const { header, claims } = forge.real
    const { kid: _, ...withoutKid } = header
    const payload = encodeJwtPart(claims)
    const unsigned = (members: object): string => `${encodeJwtPart(members)}.${payload}`
    const [, , signature = ''] = signed.split('.')
    const cases: readonly (readonly [name: string, findingId: string, token: string])[] = [
      ...['none', 'None', 'NONE', 'nOnE'].map(
        (alg) => [`alg ${alg}`, 'unsigned-accepted', `${unsigned({ ...header, alg })}.`] as const,
      ),
      ['alg none without kid', 'unsigned-accepted', `${unsigned({ ...withoutKid, alg: 'none' })}.`],
      [
        'alg none with a signature',
        'unsigned-accepted',
        `${unsigned({ ...header, alg: 'none' })}.${signature}`,
      ],
      ['alg none without the last part', 'unsigned-accepted', unsigned({ ...header, alg: 'none' })],
      ['no alg', 'unsigned-accepted', `${unsigned({ ...header, alg: undefined })}.`],
      ['RS256 with an empty signature', 'empty-signature-accepted', `${unsigned(header)}.`],
      ['RS256 without the last part', 'empty-signature-accepted', unsigned(header)],
    ]
    const forgeries = await Promise.all(
      cases.map(async ([name, findingId, token]) => {
        ctx.secret('access_token', token)
        return { name, findingId, reception: await presentToken(ctx, target.url, token) }
      }),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})
