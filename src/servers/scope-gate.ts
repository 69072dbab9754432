import * as z from 'zod'
import type { Caller } from './caller.js'
import { jsonRpcErrorResponse } from './json-rpc-body.js'
import type { ServerMutant } from './mutants.js'
import type { ProtectedResource } from './protected-resource.js'
import { scopeOfResource } from './resources/catalogue.js'
import { ALL_SCOPES, isGranted, type AreaScope } from './scopes.js'
import { findTool } from './tools/catalogue.js'

/** Decides whether a caller may send a message: the HTTP response that refuses, or `undefined`. */
export type ScopeGate = (message: unknown, caller: Caller) => Response | undefined

export interface ScopeGateOptions {
  readonly protectedResource: ProtectedResource
  readonly mutants: ReadonlySet<ServerMutant>
}

const messageSchema = z.discriminatedUnion('method', [
  z.object({ method: z.literal('tools/call'), params: z.object({ name: z.string() }) }),
  z.object({ method: z.literal('resources/read'), params: z.object({ uri: z.string() }) }),
])
const idSchema = z.object({ id: z.union([z.string(), z.number()]) })
const INSUFFICIENT_SCOPE = -32_003

/**
 * Refuses calls for which the token of the request lacks the scope (RFC 6750 §3.1; MCP Authorization, Runtime
 * Insufficient Scope Errors). It stands before the session, because a status is what a client can act on.
 */
export function scopeGate({ protectedResource, mutants }: ScopeGateOptions): ScopeGate {
  return (message, { scopes }) => {
    const needed = neededScope(message, mutants)
    if (isGranted(scopes, needed) || needed === undefined || mutants.has('s-scope-unchecked'))
      return undefined
    if (isReading(message) && mutants.has('s-scope-only-on-tools')) return undefined
    // With what the token has already, so that a client that asks for exactly this loses nothing.
    const scope = ALL_SCOPES.filter((word) => word === needed || isIn(scopes, word))
    const description = `The scope ${needed} is needed`
    const id = idSchema.safeParse(message).data?.id
    const response = jsonRpcErrorResponse(403, INSUFFICIENT_SCOPE, description, id)
    response.headers.set(
      'WWW-Authenticate',
      protectedResource.challenge({ error: 'insufficient_scope', description, scope }),
    )
    response.headers.set('Cache-Control', 'no-store')
    return response
  }
}

function neededScope(message: unknown, mutants: ReadonlySet<ServerMutant>): AreaScope | undefined {
  const parsed = messageSchema.safeParse(message)
  if (!parsed.success) return undefined
  const { method, params } = parsed.data
  return method === 'tools/call'
    ? findTool(params.name, { mode: 'oauth', mutants })?.scope
    : scopeOfResource(params.uri)
}

function isReading(message: unknown): boolean {
  return messageSchema.safeParse(message).data?.method === 'resources/read'
}

function isIn(scopes: Caller['scopes'], word: string): boolean {
  return scopes !== 'unrestricted' && scopes.has(word)
}
