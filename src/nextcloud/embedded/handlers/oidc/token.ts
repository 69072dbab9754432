import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import type { AccessTokenRow, ClientRow } from '../../store.js'
import { config } from './config.js'
import { NO_STORE } from './oauth-error.js'
import { admitByPassword } from './password-grant-mutant.js'
import { readParameters, repeatedParameters, stringParameter, type RequestParameters } from './parameters.js'
import { randomAlphanumeric, sha512Hex } from './random.js'
import { issuerOf } from './routing.js'
import { hasScope } from './scopes.js'
import type { TokenAdmission } from './token-admission.js'
import { admitByClient } from './token-client-first.js'
import { admitByGrant } from './token-grant-first.js'
import { admitByRow } from './token-one-row.js'
import { createAccessToken, createIdToken } from './tokens.js'

const REFRESH_TOKEN_LENGTH = 128

const ADMISSIONS = { 'client-first': admitByClient, 'grant-first': admitByGrant, 'one-row': admitByRow }

/** Token endpoint, `POST /token`: whether a request is admitted is the profile's, what is issued is common to all. */
export async function token(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const { tokenRequests } = ctx.profile.quirks
  const parameters = await readParameters(c)
  const repeated = await repeatedParameters(c)
  if (ctx.mutants.has('n-password-grant-enabled')) {
    const granted = admitByPassword(ctx, parameters)
    if (granted !== undefined) return issueTokens(ctx, c, granted.row, granted.client)
  }
  // Nothing is awaited from here until the code is marked, so that of two parallel exchanges one loses.
  const admitted = ADMISSIONS[tokenRequests](ctx, c, parameters, repeated)
  if (admitted instanceof Response) return admitted
  if (admitted.codeRow !== undefined) admitted.codeRow.usedAtSeconds = ctx.clock.nowSeconds()
  return issueTokens(ctx, c, admitted.row, admitted.client, keptRefreshToken(ctx, admitted, parameters))
}

/** What `n-refresh-not-rotated-public` does: the refresh token of the request stays the one that is good. */
function keptRefreshToken(
  ctx: EmbeddedContext,
  { client, codeRow }: TokenAdmission,
  parameters: RequestParameters,
): string | undefined {
  if (codeRow !== undefined || client.type !== 'public') return undefined
  return ctx.mutants.has('n-refresh-not-rotated-public')
    ? stringParameter(parameters, 'refresh_token')
    : undefined
}

function cachingHeaders(ctx: EmbeddedContext): Readonly<Record<string, string>> {
  if (ctx.mutants.has('n-token-cacheable')) return { 'cache-control': 'max-age=60' }
  return ctx.profile.quirks.bareRefusals ? {} : NO_STORE
}

/**
 * Replaces access and refresh token of the row. The real app sets `refreshed` a whole life ahead, which doubles the
 * real life of the access token and adds one to that of the refresh token.
 */
async function issueTokens(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  row: AccessTokenRow,
  client: ClientRow,
  refreshToken = randomAlphanumeric(REFRESH_TOKEN_LENGTH),
): Promise<Response> {
  const { quirks } = ctx.profile
  const expireSeconds = config.expireSeconds(ctx)
  ctx.store.updateAccessToken(row, {
    grantHash: sha512Hex(refreshToken),
    refreshedSeconds: ctx.clock.nowSeconds() + (quirks.doubledTokenLife ? expireSeconds : 0),
    exchanged: true,
    ...(quirks.jtiSurvivesRefresh ? {} : { jti: randomUUID() }),
  })
  const issuer = issuerOf(ctx, c)
  const accessToken = await createAccessToken(ctx, row, client, issuer)
  const idToken = await createIdToken(ctx, row, client, issuer)
  // A parallel reuse of the code may have revoked the row meanwhile; its tokens must stay dead.
  if (ctx.store.accessTokens.has(row.id)) ctx.store.updateAccessToken(row, { accessToken })
  ctx.consistency.written('token', row)
  const refreshExpireSeconds = config.refreshExpireSeconds(ctx)
  const withRefresh = hasScope(row.scope, 'offline_access') || config.alwaysRefreshToken(ctx)
  return jsonResponse(
    c,
    200,
    {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expireSeconds,
      id_token: idToken,
      ...(quirks.grantedScopeUntold || ctx.mutants.has('n-token-scope-silent') ? {} : { scope: row.scope }),
      ...(withRefresh ? { refresh_token: refreshToken } : {}),
      ...(withRefresh && refreshExpireSeconds !== null ? { refresh_expires_in: refreshExpireSeconds } : {}),
    },
    { cors: 'GET, POST', headers: cachingHeaders(ctx) },
  )
}
