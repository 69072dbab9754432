import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Fault, FaultScope } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { breakSignature, readJwt } from '../support/jwt.js'
import { initializeMessage } from '../support/mcp-session.js'
import { presentToken } from '../support/token-probe.js'

const SCOPES = ['userinfo', 'introspection', 'jwks'] as const satisfies readonly FaultScope[]
const ANSWERED_AT_ONCE = [
  'status-500',
  'status-502-html',
  'status-200-html',
  'status-200-empty-object',
] as const satisfies readonly Fault['kind'][]

interface SampleToken {
  readonly name: string
  readonly findingId: string
  readonly token: string
}

/** When nobody can say whether a token is good, the answer must be no. */
export const validationOutage = defineCheck({
  id: 'resilience.validation-outage.fail-closed',
  suite: 'resilience',
  title: 'While tokens cannot be validated no token that was not seen before is accepted',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'MCP-Authorization', clause: 'Token Handling' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-fail-open' }],
  timeoutMs: 60_000,
  async run(ctx) {
    // The slow one beside the others, on a Nextcloud of its own.
    const lanes = await Promise.all([underFaults(ctx, ANSWERED_AT_ONCE), underFaults(ctx, ['timeout'])])
    const recovery = lanes.find(({ control }) => control !== 'accepted')
    if (recovery !== undefined) {
      return notTestable(`positive control: after the outage a good token is ${recovery.control}`)
    }
    const findings = new Findings()
    for (const { kind, sample, outcome } of lanes.flatMap(({ outcomes }) => outcomes)) {
      if (outcome !== 'accepted') continue
      findings.add({
        id: sample.findingId,
        message: 'a token is accepted that could not be validated',
        expected: 'not accepted',
        observed: `${kind}: ${sample.name}`,
      })
    }
    return judge(findings.list(), summarize(lanes.flatMap(({ outcomes }) => outcomes)))
  },
})

interface SampleOutcome {
  readonly kind: Fault['kind']
  readonly sample: SampleToken
  /** `accepted`, or a status, or `no answer`. */
  readonly outcome: string
}

async function underFaults(
  ctx: CheckContext,
  kinds: readonly Fault['kind'][],
): Promise<{ readonly control: string; readonly outcomes: readonly SampleOutcome[] }> {
  const stack = await ctx.privateStack()
  const { twin } = stack.nextcloud
  const { url } = await stack.launch('oauth')
  const [opaque, jwt] = await Promise.all([
    stack.oauth.mint('alice', { format: 'opaque' }),
    stack.oauth.mint('alice', { format: 'jwt' }),
  ])
  // Nothing is presented before the first fault, so that no key and no verdict is cached.
  const samples = await sampleTokens(ctx, opaque.tokens.access_token, jwt.tokens.access_token)
  const outcomes: SampleOutcome[] = []
  for (const kind of kinds) {
    const lifts = SCOPES.map((scope) => twin.inject({ scope, kind }))
    outcomes.push(
      ...(await Promise.all(
        samples.map(async (sample) => ({ kind, sample, outcome: await present(ctx, url, sample.token) })),
      )),
    )
    for (const lift of lifts) lift()
  }
  const usual = ctx.tokenFormats[0] === 'jwt' ? jwt : opaque
  return { control: await presentToken(ctx, url, usual.tokens.access_token), outcomes }
}

async function present(ctx: CheckContext, url: string, token: string): Promise<string> {
  const answer = await ctx.mcp
    .probe(url, { token, body: initializeMessage(ctx.revision), timeoutMs: ctx.windows.upstreamTimeoutMs })
    .catch(() => undefined)
  if (answer === undefined) return 'no answer'
  return answer.status < 300 ? 'accepted' : String(answer.status)
}

/** Forged tokens of every shape, and a good one, which nobody can tell from a bad one during the outage. */
async function sampleTokens(ctx: CheckContext, opaque: string, jwt: string): Promise<readonly SampleToken[]> {
  const { header, claims } = readJwt(jwt)
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const sign = (protectedHeader: Readonly<Record<string, unknown>>): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ ...protectedHeader, alg: 'RS256' }).sign(privateKey)
  const none = [{ ...header, alg: 'none' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const forged = {
    'invented opaque token': randomBytes(54).toString('base64url'),
    'JWT with a wrong signature': breakSignature(jwt),
    'JWT with alg none': `${none.join('.')}.`,
    "JWT signed with the forger's key": await sign(header),
    'JWT that brings its own key': await sign({ ...header, jwk: await exportJWK(publicKey) }),
    'three dots': 'a.b.c',
  }
  const samples = Object.entries(forged).map(([name, token]) => ({
    name,
    findingId: 'forged-token-accepted',
    token,
  }))
  for (const { token } of samples) ctx.secret('access_token', token)
  return [...samples, { name: 'good opaque token', findingId: 'unvalidated-token-accepted', token: opaque }]
}

function summarize(outcomes: readonly SampleOutcome[]): Record<string, string> {
  const byKind = new Map<string, Set<string>>()
  for (const { kind, outcome } of outcomes) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(outcome))
  return Object.fromEntries([...byKind].map(([kind, seen]) => [kind, [...seen].sort().join(', ')]))
}
