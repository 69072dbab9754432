import { HarnessError } from '../../errors.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'
import { presentToken, type TokenReception } from '../support/token-probe.js'

const FOREIGN_ISSUER = 'http://issuer.example'
const REFUSED_START = new Set(['NCMC_SERVER_START', 'NCMC_OAUTH_REQUEST'])

/** A document that was not meant for this issuer may come from an attacker, or from a wrong configuration. */
export const serverRejectsWrongIssuer = defineCheck({
  id: 'discovery.server-rejects-wrong-issuer',
  suite: 'discovery',
  title: 'A server that finds metadata of another issuer does not start, or lets nobody in',
  level: 'MUST',
  source: [
    { document: 'RFC8414', clause: '3.3' },
    { document: 'OIDC-Discovery', clause: '4.3' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  timeoutMs: 60_000,
  mutants: [{ id: 's-issuer-unchecked' }],
  async run(ctx) {
    const control = await presentTokens(ctx, await ctx.privateStack())
    if (control === 'not started') return notTestable('positive control: the server does not start')
    if (!Object.values(control).includes('accepted')) {
      return notTestable('positive control: no token is accepted with metadata of the right issuer')
    }
    const received = await presentTokens(ctx, await ctx.privateStack({ issuer: FOREIGN_ISSUER }))
    if (received === 'not started') return judge([], { start: 'refused' })
    const accepted = Object.keys(received).filter((format) => received[format] === 'accepted')
    if (accepted.length === 0) return judge([], { start: 'ready', tokens: received })
    return judge([
      {
        id: 'wrong-issuer-used',
        message: 'the server uses metadata that names another issuer, and lets tokens in',
        expected: 'no start, or no token accepted',
        observed: { issuer: FOREIGN_ISSUER, accepted },
      },
    ])
  },
})

async function presentTokens(
  ctx: CheckContext,
  stack: PrivateStack,
): Promise<Record<string, TokenReception> | 'not started'> {
  const target = await start(stack)
  if (target === undefined) return 'not started'
  const received: Record<string, TokenReception> = {}
  for (const format of ['opaque', 'jwt'] as const) {
    const { tokens } = await stack.oauth.mint('alice', { format })
    received[format] = await presentToken(ctx, target.url, tokens.access_token)
  }
  return received
}

/** `undefined` when the server ends, or stays silent, instead of becoming ready. */
async function start(stack: PrivateStack): Promise<LaunchedTarget | undefined> {
  try {
    return await stack.launch('oauth')
  } catch (error) {
    if (error instanceof HarnessError && REFUSED_START.has(error.code)) return undefined
    throw error
  }
}
