import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import { csrfFailure, csrfPasses, requireUser } from '../../session.js'
import type { ConsentRow } from '../../store.js'
import { config } from './config.js'
import { listParameter, readParameters } from './parameters.js'

/** `GET /api/consents`: the user's consents as the personal settings list them. */
export async function listConsents(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const user = await sessionUser(c)
  if (user instanceof Response) return user
  const own = [...ctx.store.consents.values()].filter((consent) => consent.userId === user)
  return jsonResponse(
    c,
    200,
    own.map((consent) => listed(ctx, consent)),
  )
}

/** `DELETE /api/consents/{id}`: withdraws a consent and kills the pair's tokens. */
export async function revokeConsent(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const consent = await ownConsent(ctx, c)
  if (consent instanceof Response) return consent
  ctx.store.deleteConsent(consent)
  if (ctx.mutants.has('n-revoked-still-valid')) return jsonResponse(c, 200, { success: true })
  for (const row of ctx.store.accessTokens.values()) {
    if (row.userId === consent.userId && row.clientId === consent.clientId) ctx.store.deleteAccessToken(row)
  }
  return jsonResponse(c, 200, { success: true })
}

/** `PATCH /api/consents/{id}/scopes`: replaces the granted scopes. */
export async function changeConsentScopes(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const consent = await ownConsent(ctx, c)
  if (consent instanceof Response) return consent
  const scopes = listParameter(await readParameters(c), 'scopes') ?? []
  consent.scopesGranted = scopes.join(' ')
  consent.updatedAtSeconds = ctx.clock.nowSeconds()
  return jsonResponse(c, 200, { success: true })
}

async function sessionUser(c: Context<EmbeddedEnv>): Promise<string | Response> {
  const user = requireUser(c)
  if (user instanceof Response) return user
  return (await csrfPasses(c)) ? user.userId : csrfFailure(c)
}

async function ownConsent(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<ConsentRow | Response> {
  const user = await sessionUser(c)
  if (user instanceof Response) return user
  if (!config.userSettings(ctx)) return jsonResponse(c, 403, { error: 'User settings are disabled' })
  const consent = ctx.store.consents.get(Number(c.req.param('id')))
  return consent?.userId === user ? consent : jsonResponse(c, 404, { error: 'Consent not found' })
}

function listed(ctx: EmbeddedContext, consent: ConsentRow): Record<string, unknown> {
  const client = ctx.store.clients.get(consent.clientId)
  return {
    id: consent.id,
    clientId: consent.clientId,
    clientName: client?.name ?? '',
    clientIdentifier: client?.clientIdentifier ?? '',
    scopesGranted: consent.scopesGranted,
    allowedScopes: client?.allowedScopes ?? '',
    createdAt: consent.createdAtSeconds,
    updatedAt: consent.updatedAtSeconds,
  }
}
