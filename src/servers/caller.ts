import type { NextcloudClient } from './nextcloud-client.js'
import type { GrantedScopes } from './scopes.js'

/** On whose behalf one request is served. */
export interface Caller {
  /** Stable name of the person or account; an MCP session belongs to exactly one. */
  readonly principal: string
  /** What the credentials of this very request may do. */
  readonly scopes: GrantedScopes
  /** Reaches Nextcloud as that person, with the credentials of this very request. */
  readonly nextcloud: NextcloudClient
}

/** The answer of a mode to "who is calling?": a caller, or the HTTP response that refuses. */
export type Admission =
  | { readonly admitted: true; readonly caller: Caller }
  | { readonly admitted: false; readonly response: Response }

/** Decides about every single request to the MCP endpoint, whatever its method or session. */
export type Gate = (request: Request) => Promise<Admission>
