import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import type { PendingCode } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { judgeReuse, judgeRotation } from '../support/refresh-judgement.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  requestRegistration,
  SILENT_REDIRECT_URI,
} from '../support/registration-request.js'
import { describeAnswer, redeemCode, requestTokens } from '../support/token-request.js'

const SCOPE = 'openid profile offline_access'
/** Client libraries want one; no request is sent with it. */
const NO_SECRET = 'a public client has none'

/** Nothing but rotation tells a stolen refresh token of a client that has no secret. */
export const refreshRotationPublic = defineCheck({
  id: 'tokens.refresh.rotation-public',
  suite: 'tokens',
  title: 'A refresh by a client without a secret gives a new refresh token, and the old one is worth nothing',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Theft' },
    { document: 'RFC9700', clause: '4.14.2' },
    { document: 'OAuth2.1', clause: '4.3.1' },
  ],
  modes: ['nextcloud'],
  // No other profile registers public clients.
  mutants: [{ id: 'n-refresh-not-rotated-public', profile: 'strict' }],
  async run(ctx): Promise<Outcome> {
    const endpoint = await findRegistrationEndpoint(ctx.oauth)
    const registered = await requestRegistration(ctx, endpoint, {
      client_name: 'nc-mcp-conformance',
      redirect_uris: [SILENT_REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    })
    if (!bringsClient(registered)) {
      return {
        kind: 'not-applicable',
        reason: `Nextcloud registers no public clients (${describeRegistration(registered)})`,
      }
    }
    const client = publicClient(registered.members)
    try {
      const method = registered.members['token_endpoint_auth_method']
      if (method !== 'none') {
        // RFC 7591 §3.2.1 lets a server replace what it was asked for.
        return {
          kind: 'not-applicable',
          reason: `Nextcloud registers no public clients: asked for none, it says ${String(method)}`,
        }
      }
      const pending = await ctx.oauth.obtainCode('alice', { client, scope: SCOPE })
      return await judgeRefreshes(ctx, pending)
    } finally {
      await removeClients(ctx, [client])
    }
  },
})

async function judgeRefreshes(
  ctx: Parameters<typeof redeemCode>[0] & { readonly oauth: Parameters<typeof redeemCode>[1] },
  pending: PendingCode,
): Promise<Outcome> {
  const { client_id } = pending.client
  const refresh = (refreshToken: string) =>
    requestTokens(ctx, ctx.oauth, { grant_type: 'refresh_token', refresh_token: refreshToken, client_id })
  const first = await redeemCode(ctx, ctx.oauth, pending, { client_secret: undefined })
  if (first.accessToken === undefined) {
    return notTestable(`positive control: a public client gets no token (${describeAnswer(first)})`)
  }
  const refreshToken = first.members['refresh_token']
  if (typeof refreshToken !== 'string') {
    return { kind: 'not-applicable', reason: 'public clients get no refresh token' }
  }
  const second = await refresh(refreshToken)
  if (second.accessToken === undefined) {
    return notTestable(`positive control: a fresh refresh token is refused (${describeAnswer(second)})`)
  }
  const reuse = await refresh(refreshToken)
  return judge([...judgeRotation(first, second), ...judgeReuse(reuse)], {
    oldRefreshToken: describeAnswer(reuse),
  })
}

function publicClient(members: Readonly<Record<string, unknown>>): RegisteredClient {
  return {
    ...members,
    client_id: String(members['client_id']),
    client_secret: NO_SECRET,
    redirect_uris: [SILENT_REDIRECT_URI],
  }
}
