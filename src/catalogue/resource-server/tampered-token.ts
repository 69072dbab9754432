import { randomBytes } from 'node:crypto'
import { TOKEN_FORMATS } from '../context.js'
import { defineCheck, judge } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { breakSignature, readJwt } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** What anybody can make who has seen a token, or none at all. */
export const tamperedToken = defineCheck({
  id: 'rs.token.tampered',
  suite: 'resource-server',
  title: 'Invented and altered tokens are refused with 401',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'MCP-Authorization', clause: 'Token Handling' },
  ],
  modes: ['oauth'],
  mutants: [
    {
      id: 's-signature-unverified',
      alsoRed: [
        'tokens.verify.alg-none',
        'tokens.verify.hs-confusion',
        'tokens.verify.foreign-key',
        'tokens.verify.no-fallback-bypass',
        'resilience.validation-outage.fail-closed',
        'resilience.jwks.rotation',
      ],
      alsoNotTestable: ['resilience.jwks.bounded-fetch'],
    },
  ],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const [opaque, jwt, bobsJwt] = await Promise.all([
      ctx.token('alice', 'opaque'),
      ctx.token('alice', 'jwt'),
      ctx.token('bob', 'jwt'),
    ])
    const issued = { opaque, jwt }
    await Promise.all(
      ctx.tokenFormats.map((format) =>
        requireAccepted(ctx, url, issued[format], `the ${format} token as it was issued`),
      ),
    )
    const { header, claims } = readJwt(jwt)
    const [headerPart = '', payloadPart = '', signaturePart = ''] = jwt.split('.')
    const bobsSignature = bobsJwt.split('.')[2] ?? ''
    const middle = opaque.length >> 1
    const changed = opaque[middle] === 'a' ? 'b' : 'a'
    const tokens: readonly (readonly [name: string, findingId: string, token: string])[] = [
      ['72 random characters', 'invented-token-accepted', randomBytes(54).toString('base64url')],
      [
        'opaque, one character changed',
        'altered-opaque-accepted',
        opaque.slice(0, middle) + changed + opaque.slice(middle + 1),
      ],
      ['opaque, cut', 'altered-opaque-accepted', opaque.slice(0, -1)],
      ['opaque, doubled', 'altered-opaque-accepted', opaque + opaque],
      [
        'JWT, header changed',
        'altered-jwt-accepted',
        [encode({ ...header, ncmc: true }), payloadPart, signaturePart].join('.'),
      ],
      [
        'JWT, payload changed',
        'altered-jwt-accepted',
        [headerPart, encode({ ...claims, sub: ctx.users.bob.userId }), signaturePart].join('.'),
      ],
      ['JWT, signature changed', 'altered-jwt-accepted', breakSignature(jwt)],
      [
        "JWT, another token's signature",
        'altered-jwt-accepted',
        [headerPart, payloadPart, bobsSignature].join('.'),
      ],
    ]
    const ofAcceptedFormats = tokens.filter(
      ([, findingId]) =>
        !TOKEN_FORMATS.some(
          (format) => findingId === `altered-${format}-accepted` && !ctx.tokenFormats.includes(format),
        ),
    )
    const forgeries = await Promise.all(
      ofAcceptedFormats.map(async ([name, findingId, token]) => {
        ctx.secret('access_token', token)
        return { name, findingId, reception: await presentToken(ctx, url, token) }
      }),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
