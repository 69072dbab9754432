import { createProbe } from '../src/mcp/probe.js'
import { mintTokens } from '../src/oauth/tokens.js'
import { startStack } from '../src/stack.js'
import { createUserAgent } from '../src/user-agent/index.js'
import { median, quantile, times, type Measurement } from './measure.js'

const TOKENS = 30
const WARM_ROUNDS = 300

/** What token validation adds to an MCP request: the oauth server against the basic one, same request, same run. */
export async function benchVerifier(): Promise<Measurement[]> {
  await using stack = await startStack({
    targets: { basic: { kind: 'reference' }, oauth: { kind: 'reference' } },
  })
  await using agent = await createUserAgent('http')
  const basicUrl = stack.targets.basic?.url ?? ''
  const oauthUrl = stack.targets.oauth?.url ?? ''
  const probe = createProbe(fetch, '2025-11-25')
  // Refused for its missing session in both modes, after the token has been checked: nothing else is measured.
  const body = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const send = async (url: string, token?: string): Promise<void> => {
    const { status } = await probe(url, { body, ...(token === undefined ? {} : { token }) })
    if (status !== 400) throw new Error(`status ${status}`)
  }
  const mint = async (tokenFormat: 'opaque' | 'jwt') => {
    const { client } = await mintTokens({
      issuer: stack.nextcloud.baseUrl,
      tokenFormat,
      user: stack.nextcloud.users.alice,
      userAgent: agent,
      resource: oauthUrl,
    })
    const tokens: string[] = []
    for (let n = 0; n < TOKENS; n += 1) {
      const minted = await mintTokens({
        issuer: stack.nextcloud.baseUrl,
        client,
        user: stack.nextcloud.users.alice,
        userAgent: agent,
        resource: oauthUrl,
      })
      tokens.push(minted.tokens.access_token)
    }
    return tokens
  }

  await times(50, () => send(basicUrl))
  const without = await times(WARM_ROUNDS, () => send(basicUrl))
  const measurements: Measurement[] = []
  for (const format of ['opaque', 'jwt'] as const) {
    const tokens = await mint(format)
    const cold = await times(TOKENS, (round) => send(oauthUrl, tokens[round]))
    const warm = await times(WARM_ROUNDS, () => send(oauthUrl, tokens[0]))
    const added = (sorted: readonly number[], share: number): number =>
      quantile(sorted, share) - quantile(without, share)
    measurements.push(
      { name: `${format} token, first use: added latency, median`, value: added(cold, 0.5), unit: 'ms' },
      {
        name: `${format} token, first use: added latency, p99`,
        value: added(cold, 0.99),
        unit: 'ms',
        baseline: { name: 'the same request in basic mode', value: median(without) },
        bar: format === 'opaque' ? 'under 10 ms' : 'under 1 ms',
      },
      {
        name: `${format} token, known: added latency, p99`,
        value: added(warm, 0.99),
        unit: 'ms',
        baseline: { name: 'p99 of the same request in basic mode', value: quantile(without, 0.99) },
        bar: 'under 1 ms',
      },
    )
  }
  return measurements
}
