import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import type { AccessTokenRow, ClientRow } from '../../store.js'
import type { AuthorizeRequest } from './authorize-request.js'
import type { ClaimsRequest } from './authorize-validation.js'
import { config } from './config.js'
import { randomAlphanumeric, sha512Hex } from './random.js'
import { issuerOf } from './routing.js'
import { createAccessToken, createIdToken } from './tokens.js'

const CODE_LENGTH = 128

export interface AuthorizationInput {
  readonly client: ClientRow
  readonly userId: string
  readonly scope: string
  readonly request: AuthorizeRequest
  readonly types: ReadonlySet<string>
  readonly claims: ClaimsRequest
  readonly authTimeSeconds: number
}

/** Writes the authorization's rows and returns the response parameters without `state`, in wire order. */
export async function issueAuthorization(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  input: AuthorizationInput,
): Promise<[string, string][]> {
  const code = randomAlphanumeric(CODE_LENGTH)
  const row = newAccessTokenRow(ctx, input, sha512Hex(code))
  ctx.store.insertAccessToken(row)
  ctx.consistency.written('code', row)
  const wantsCode = input.types.has('code')
  if (wantsCode && ctx.profile.quirks.tokenRequests !== 'one-row') {
    ctx.store.codes.set(row.grantHash, {
      accessTokenId: row.id,
      hashedCode: row.grantHash,
      createdSeconds: ctx.clock.nowSeconds(),
      usedAtSeconds: 0,
      redirectUri: input.request.redirect_uri ?? '',
    })
  }
  const pairs: [string, string][] = wantsCode ? [['code', code]] : []
  const issuer = issuerOf(ctx, c)
  if (input.types.has('token')) {
    const accessToken = await createAccessToken(ctx, row, input.client, issuer)
    ctx.store.updateAccessToken(row, { accessToken })
    ctx.consistency.written('token', row)
    pairs.push(
      ['access_token', accessToken],
      ['token_type', 'Bearer'],
      ['expires_in', String(config.expireSeconds(ctx))],
      ['scope', row.scope],
    )
  }
  if (input.types.has('id_token')) {
    const bound = {
      ...(wantsCode ? { code } : {}),
      ...(row.accessToken === '' ? {} : { accessToken: row.accessToken }),
    }
    pairs.push(['id_token', await createIdToken(ctx, row, input.client, issuer, bound)])
  }
  return pairs
}

function newAccessTokenRow(
  ctx: EmbeddedContext,
  input: AuthorizationInput,
  grantHash: string,
): AccessTokenRow {
  const id = ctx.store.nextId()
  const { client, request, claims } = input
  const { defaultAudience, noPkce } = ctx.profile.quirks
  const challenge = noPkce ? '' : (request.code_challenge ?? '')
  return {
    id,
    clientId: client.id,
    userId: input.userId,
    scope: input.scope,
    grantHash,
    accessToken: '',
    createdSeconds: input.authTimeSeconds,
    refreshedSeconds: ctx.clock.nowSeconds(),
    nonce: (request.nonce ?? '').slice(0, 256),
    resource: (request.resource ?? client.resourceUrl ?? defaultAudience ?? '').slice(0, 2000),
    codeChallenge: challenge,
    codeChallengeMethod: challenge === '' ? '' : (request.code_challenge_method ?? 'S256'),
    jti: String(id),
    idTokenClaims: claims.idToken,
    userinfoClaims: claims.userinfo,
    exchanged: false,
  }
}
