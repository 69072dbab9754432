import type { Context } from 'hono'
import { decodeProtectedHeader } from 'jose'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { publishedKeys } from '../../keys.js'
import { redirect303 } from '../../responses.js'
import { logout } from '../../session.js'
import { verifiedClaims } from './bearer.js'
import { oauthError } from './oauth-error.js'
import { readParameters, stringParameter, type RequestParameters } from './parameters.js'
import { buildQuery } from './php.js'
import { urlPrefix } from './routing.js'

type HintResult = { readonly userId: string } | { readonly error: string; readonly description: string }

/**
 * End-session endpoint (OpenID Connect RP-Initiated Logout 1.0), `GET|POST /logout`: ends the session and deletes the
 * user's tokens of all clients. Only a valid id_token_hint leads back to a registered post_logout_redirect_uri.
 */
export async function endSession(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const parameters = await readParameters(c)
  const hint = stringParameter(parameters, 'id_token_hint') ?? ''
  const hinted = hint === '' ? undefined : await checkHint(ctx, c, hint, parameters)
  if (hinted !== undefined && 'error' in hinted) return oauthError(c, 401, hinted.error, hinted.description)

  const sessionUser = c.get('session').userId
  for (const userId of [sessionUser, hinted?.userId]) deleteTokensOf(ctx, userId ?? undefined)
  if (sessionUser !== null) logout(ctx, c)

  const target = stringParameter(parameters, 'post_logout_redirect_uri') ?? ''
  if (hinted === undefined || !ctx.store.logoutRedirectUris.has(target)) {
    return redirect303(c, `${urlPrefix(c)}/login`)
  }
  const state = stringParameter(parameters, 'state') ?? ''
  if (state === '') return redirect303(c, target)
  return redirect303(c, `${target}${target.includes('?') ? '&' : '?'}${buildQuery([['state', state]])}`)
}

function deleteTokensOf(ctx: EmbeddedContext, userId: string | undefined): void {
  if (userId === undefined) return
  for (const row of ctx.store.accessTokens.values()) {
    if (row.userId === userId) ctx.store.deleteAccessToken(row)
  }
}

async function checkHint(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  hint: string,
  parameters: RequestParameters,
): Promise<HintResult> {
  const header = headerOf(hint)
  if (header === undefined) return invalidJwt('Provided id_token_hint has invalid format')
  if (header.alg !== 'RS256') return invalidJwt('id_token_hint must use RS256 algorithm')
  const kids = (await publishedKeys(ctx)).map(({ kid }) => kid)
  if (!kids.some((kid) => kid === header.kid)) return invalidJwt('id_token_hint has invalid kid')
  const claims = await verifiedClaims(ctx, hint)
  if (claims === null) return invalidJwt('Provided id_token_hint is invalid: Signature verification failed')
  if (typeof claims['exp'] === 'number' && claims['exp'] <= ctx.clock.nowSeconds()) {
    return invalidJwt('Provided id_token_hint is invalid: Expired token')
  }
  if (claims['iss'] !== c.get('baseUrl')) return invalidJwt('id_token_hint has invalid issuer')
  const subject = claims['sub']
  if (typeof subject !== 'string') return invalidJwt('Provided JWT does not contain a subject.')
  const clientId = stringParameter(parameters, 'client_id') ?? ''
  if (clientId !== '' && clientId !== claims['aud']) {
    return invalidJwt('Provided client_id does not match to the one issued the JWT.')
  }
  return ctx.store.users.has(subject)
    ? { userId: subject }
    : { error: 'invalid_user', description: 'Provided user in JWT is unknown.' }
}

function invalidJwt(description: string): HintResult {
  return { error: 'invalid_jwt', description }
}

function headerOf(hint: string): { alg?: unknown; kid?: unknown } | undefined {
  if (hint.split('.').length !== 3) return undefined
  try {
    return decodeProtectedHeader(hint)
  } catch {
    return undefined
  }
}
