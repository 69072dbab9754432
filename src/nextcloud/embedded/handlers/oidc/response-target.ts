import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import type { ResponseTarget } from './authorization-response.js'
import type { AuthorizeRequest } from './authorize-request.js'
import type { RequestedResponse } from './response-type.js'
import { issuerOf } from './routing.js'

/** Where the answer to a request goes, and whether it names its issuer. */
export function responseTarget(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  request: AuthorizeRequest & { readonly redirect_uri: string },
  requested: RequestedResponse,
): ResponseTarget {
  return {
    redirectUri: request.redirect_uri,
    mode: requested.mode,
    state: request.state ?? '',
    ...(ctx.profile.quirks.noIssuerInResponse ? {} : { issuer: issuerOf(ctx, c) }),
  }
}

/** The `state` of a success response; the real app adds an empty one where the request had none. */
export function stateParameter(ctx: EmbeddedContext, target: ResponseTarget): [string, string][] {
  return target.state === '' && !ctx.profile.quirks.stateInvented ? [] : [['state', target.state]]
}
