import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import {
  describeIntrospection,
  introspect,
  introspectionEndpoint,
  isActive,
  type IntrospectionAnswer,
} from '../support/introspection.js'
import { CHECKS_WITH_GOOD_JWT } from '../support/jwt-checks.js'
import { readJwt } from '../support/jwt.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

const RESOURCE = 'https://mcp.example/mcp'
const OTHER_RESOURCE = 'https://other.example/mcp'

/** The audience is what keeps a token for one server from opening another. */
export const audienceResource = defineCheck({
  id: 'tokens.audience.resource',
  suite: 'tokens',
  title: 'A token names the resource that it was asked for as its audience, and no other',
  level: 'SHOULD',
  source: [
    { document: 'RFC8707', clause: '2' },
    { document: 'RFC9068', clause: '3' },
    { document: 'RFC7662', clause: '2.2' },
    { document: 'MCP-Authorization', clause: 'Resource Parameter Implementation' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-resource-ignored',
      // A JWT whose audience is a client is good on the APIs for what it says, revoked or not.
      alsoRed: ['tokens.revoked-are-dead'],
      // Servers refuse such JWTs, and with them every positive control.
      alsoNotTestable: CHECKS_WITH_GOOD_JWT,
    },
  ],
  async run(ctx) {
    const pending = await ctx.oauth.obtainCode('alice', { format: 'jwt', resource: RESOURCE })
    const { client } = pending
    const answer = await redeemCode(ctx, ctx.oauth, pending)
    if (answer.accessToken === undefined) {
      return notTestable(`no token is issued for a resource (${describeAnswer(answer)})`)
    }
    const bound = audienceOf(answer.accessToken)
    const introspected = await introspectAll(ctx, answer.accessToken, client)
    const defaults: string[][] = []
    for (let turn = 0; turn < 2; turn += 1) {
      const { tokens } = await ctx.oauth.mint('alice', { client, resource: null })
      defaults.push(audienceOf(tokens.access_token))
    }
    const other = await ctx.oauth.obtainCode('alice', { client, resource: RESOURCE })
    const widened = await redeemCode(ctx, ctx.oauth, other, { resource: OTHER_RESOURCE })
    await removeClients(ctx, [client])
    return judge(
      [
        ...judgeAudience(bound),
        ...judgeDefaults(defaults),
        ...judgeWidening(widened.accessToken),
        ...judgeIntrospection(introspected),
      ],
      {
        audience: bound,
        withoutResource: defaults,
        otherResourceAtTokenEndpoint:
          widened.accessToken === undefined ? describeAnswer(widened) : audienceOf(widened.accessToken),
        introspection:
          introspected === undefined
            ? 'not offered'
            : {
                byOwner: describeIntrospection(introspected.byOwner),
                byResource: describeIntrospection(introspected.byResource),
              },
      },
    )
  },
})

function audienceOf(token: string): string[] {
  return [readJwt(token).claims['aud'] ?? []].flat().map(String)
}

interface Introspected {
  /** By the client that the token was issued to. */
  readonly byOwner: IntrospectionAnswer
  /** By a client that was registered as that resource. */
  readonly byResource: IntrospectionAnswer
}

async function introspectAll(
  ctx: CheckContext,
  token: string,
  owner: Parameters<typeof introspect>[3],
): Promise<Introspected | undefined> {
  const endpoint = await introspectionEndpoint(ctx.oauth)
  if (endpoint === undefined) return undefined
  const server = await ctx.oauth.register({ resource_url: RESOURCE })
  const answers = {
    byOwner: await introspect(ctx, endpoint, token, owner),
    byResource: await introspect(ctx, endpoint, token, server),
  }
  await removeClients(ctx, [server])
  return answers
}

function judgeAudience(audience: readonly string[]): Finding[] {
  if (audience.includes(RESOURCE)) return []
  return [
    {
      id: 'jwt-audience-other',
      message: 'the aud of a JWT does not name the resource that it was asked for',
      expected: RESOURCE,
      observed: audience,
    },
  ]
}

function judgeDefaults([first = [], second = []]: readonly string[][]): Finding[] {
  if (first.length > 0 && first.join(' ') === second.join(' ')) return []
  return [
    {
      id: 'no-default-audience',
      message: 'JWTs that are asked for without a resource have no audience, or now this one and now that',
      observed: [first, second],
    },
  ]
}

function judgeWidening(token: string | undefined): Finding[] {
  if (token === undefined || !audienceOf(token).includes(OTHER_RESOURCE)) return []
  return [
    {
      id: 'audience-widened',
      message: 'a token request gets a token for a resource that the person was not asked about',
      expected: 'invalid_target, or the resource of the authorization request',
      observed: audienceOf(token),
    },
  ]
}

function judgeIntrospection(answers: Introspected | undefined): Finding[] {
  if (answers === undefined) return []
  const { byOwner, byResource } = answers
  const findings: Finding[] = []
  const audience = [byOwner.members['aud'] ?? []].flat()
  if (!audience.includes(RESOURCE)) {
    findings.push({
      id: 'introspection-audience-other',
      message: 'the aud of introspection does not name the resource that the token was asked for',
      expected: RESOURCE,
      observed: audience.length === 0 ? 'none' : 'another one',
    })
  }
  if (!isActive(byResource)) {
    findings.push({
      id: 'resource-not-told',
      message: "introspection calls a token inactive when the token's own resource asks",
      expected: 'active',
      observed: describeIntrospection(byResource),
    })
  }
  return findings
}
