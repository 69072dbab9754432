import { HarnessError } from '../../errors.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PendingCode } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import type { RegisteredClient } from '../../oauth/registration.js'

const RESOURCE = 'https://mcp.example/mcp'
const CASES = [
  ['relative', 'relative-resource-accepted', 'relative/path'],
  ['with a fragment', 'fragment-resource-accepted', 'https://mcp.example/mcp#part'],
] as const

/** What became of a request for a resource: tokens, or the error of the endpoint that refused. */
interface Refusal {
  readonly issued: boolean
  readonly said: string
}

/** A resource that is no absolute URI can be taken for two: what one server reads as its own, another does not. */
export const resourceInvalid = defineCheck({
  id: 'tokens.resource.invalid',
  suite: 'tokens',
  title: 'A resource that is relative or has a fragment is refused with invalid_target',
  level: 'SHOULD',
  source: [{ document: 'RFC8707', clause: '2' }],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-resource-unvalidated', profile: 'strict' }],
  async run(ctx) {
    const control = await ctx.oauth.obtainCode('alice', { resource: RESOURCE })
    const { client } = control
    const good = await redeemCode(ctx, ctx.oauth, control)
    if (good.accessToken === undefined) {
      return notTestable(`positive control: no token is issued for ${RESOURCE} (${describeAnswer(good)})`)
    }
    const findings: Finding[] = []
    const observed: Record<string, string> = {}
    for (const [name, id, resource] of CASES) {
      const { issued, said } = await askFor(ctx, client, resource)
      observed[name] = said
      if (issued) {
        findings.push({
          id,
          message: `a token is issued for a resource that is ${name}`,
          expected: 'invalid_target',
          observed: resource,
        })
      }
    }
    await removeClients(ctx, [client])
    const other = Object.entries(observed).filter(([, said]) => !/\binvalid_target\b|^issued$/.test(said))
    if (other.length > 0) {
      findings.push({
        id: 'other-error',
        message: 'a resource is not refused with invalid_target',
        expected: 'invalid_target',
        observed: Object.fromEntries(other),
      })
    }
    return judge(findings, observed)
  },
})

async function askFor(ctx: CheckContext, client: RegisteredClient, resource: string): Promise<Refusal> {
  let pending: PendingCode
  try {
    pending = await ctx.oauth.obtainCode('alice', { client, resource })
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== 'NCMC_FLOW_FAILED') throw error
    const { error: code } = error.details
    return { issued: false, said: `authorize: ${typeof code === 'string' ? code : 'a page'}` }
  }
  const answer = await redeemCode(ctx, ctx.oauth, pending)
  return answer.accessToken === undefined
    ? { issued: false, said: `token: ${describeAnswer(answer)}` }
    : { issued: true, said: 'issued' }
}
