import { networkInterfaces } from 'node:os'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'

const CONNECT_TIMEOUT_MS = 2_000
/**
 * On Linux and Windows the whole of 127.0.0.0/8 is this machine: a listener on the wildcard address answers here, one
 * on 127.0.0.1 does not. That tells the two apart where loopback is the only network.
 */
const OTHER_LOOPBACK_ADDRESS = '127.0.0.2'

/** What became of asking for an HTTP answer at an address. */
type Reached = 'answers' | 'refused' | 'no telling'

/** Basic mode asks nobody for credentials: whoever reaches the port is the configured user. */
export const localBind = defineCheck({
  id: 'basic.local-bind',
  suite: 'basic-auth',
  title: 'By default the port is reachable on 127.0.0.1 only',
  level: 'SHOULD',
  source: [{ document: 'MCP-Transport', clause: 'Security Warning' }],
  modes: ['basic'],
  needs: ['launch', 'process'],
  mutants: [{ id: 's-binds-all-interfaces' }],
  async run(ctx) {
    const { port } = new URL(ctx.target('basic').url)
    if ((await reach(ctx, '127.0.0.1', port)) !== 'answers') {
      return notTestable('positive control: the server does not answer on 127.0.0.1')
    }
    // Bound to 127.0.0.1 alone: an address tells something only if this one refuses there.
    const control = new URL((await ctx.callbackServer()).redirectUri).port
    const told: Record<string, Reached> = {}
    for (const address of [OTHER_LOOPBACK_ADDRESS, ...outwardAddresses()]) {
      const usable = (await reach(ctx, address, control)) === 'refused'
      told[address] = usable ? await reach(ctx, address, port) : 'no telling'
    }
    const reached = Object.keys(told).filter((address) => told[address] === 'answers')
    if (reached.length === 0 && !Object.values(told).includes('refused')) {
      return notTestable(
        `this machine has no address besides 127.0.0.1 that tells (tried: ${Object.keys(told).join(', ')})`,
      )
    }
    const findings: Finding[] = []
    if (reached.length > 0) {
      findings.push({
        id: 'reachable-from-outside',
        message: 'the server listens on more than 127.0.0.1, and serves everybody who reaches it',
        expected: '127.0.0.1 only',
        observed: reached,
      })
    }
    return judge(findings, told)
  },
})

/** The machine's addresses that others can reach; link-local ones need a zone that URLs cannot carry. */
function outwardAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80'))
    .map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address))
}

/** Any HTTP answer counts, and so does a connection that is accepted and then dropped. */
async function reach(
  { fetch }: Pick<CheckContext, 'fetch'>,
  address: string,
  port: string,
): Promise<Reached> {
  try {
    const response = await fetch(`http://${address}:${port}/`, {
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
    })
    await response.body?.cancel()
    return 'answers'
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ECONNREFUSED') return 'refused'
    return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' ? 'answers' : 'no telling'
  }
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
