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
    state: responseState(ctx, request.state ?? ''),
    ...(ctx.profile.quirks.noIssuerInResponse ? {} : { issuer: responseIssuer(ctx, c) }),
  }
}

function responseIssuer(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): string {
  const issuer = issuerOf(ctx, c)
  return ctx.mutants.has('n-iss-wrong') ? `${issuer}/` : issuer
}

function responseState(ctx: EmbeddedContext, state: string): string {
  if (!state.includes('%') || !ctx.mutants.has('n-state-decoded-twice')) return state
  return state.replace(/(?:%[\da-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  )
}

/** The `state` of a success response; the real app adds an empty one where the request had none. */
export function stateParameter(ctx: EmbeddedContext, target: ResponseTarget): [string, string][] {
  return target.state === '' && !ctx.profile.quirks.stateInvented ? [] : [['state', target.state]]
}
