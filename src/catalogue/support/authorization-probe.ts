import { buildAuthorizationRequest, type AuthorizationRequest } from '../../oauth/code-flow.js'
import type { AuthorizationServer } from '../../oauth/discovery.js'
import type { ClientMetadata, RegisteredClient } from '../../oauth/registration.js'
import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import type { PersonSession } from '../../user-agent/person-session.js'
import type { VisitedPage } from '../../user-agent/user-agent.js'
import { NotTestableError } from '../check.js'
import type { CheckContext, OAuthDriver, PendingCode } from '../context.js'
import { registerUsableClient } from './usable-client.js'

/** Parameters to replace, or with `undefined` to leave out. */
export type ParameterChanges = Readonly<Record<string, string | undefined>>

/** How a request to the authorization endpoint was answered. */
export interface AuthorizationAnswer {
  readonly request: AuthorizationRequest
  /** Where the person was sent at another origin; absent when it ended on a page. Secret: may hold a code. */
  readonly sentTo?: URL
  /** Parameters of the response, from query and fragment; empty when it ended on a page. */
  readonly parameters: URLSearchParams
  /** Status of the redirect to the client, or of the last page. */
  readonly status: number
  /** The pages that were shown on the way. */
  readonly pages: readonly VisitedPage['kind'][]
}

type ProbeContext = Pick<CheckContext, 'fetch' | 'personSession' | 'secret'>

/**
 * One client, and one person in one browser session, for requests to the authorization endpoint that no well-behaved
 * client sends. The person logs in and consents where asked; nothing outside Nextcloud is ever requested.
 */
export class AuthorizationProbe {
  readonly server: AuthorizationServer
  readonly client: RegisteredClient
  readonly redirectUri: string
  readonly #ctx: ProbeContext
  readonly #session: PersonSession

  private constructor(
    ctx: ProbeContext,
    server: AuthorizationServer,
    client: RegisteredClient,
    user: NextcloudUser,
  ) {
    this.#ctx = ctx
    this.#session = ctx.personSession(user)
    this.server = server
    this.client = client
    this.redirectUri = client.redirect_uris[0] ?? ''
  }

  /** Registers the client and waits until it can be used. The person has no session yet. */
  static async open(
    ctx: ProbeContext,
    oauth: OAuthDriver,
    user: NextcloudUser,
    metadata: Partial<ClientMetadata> = {},
  ): Promise<AuthorizationProbe> {
    const client = await registerUsableClient(ctx, oauth, metadata)
    return new AuthorizationProbe(ctx, await oauth.discover(), client, user)
  }

  /** Sends a good request (S256, state, nonce) with some parameters changed. */
  async send(
    changes: ParameterChanges = {},
    options: Parameters<PersonSession['visit']>[1] = {},
  ): Promise<AuthorizationAnswer> {
    const request = await buildAuthorizationRequest(this.server, this.client, {
      redirectUri: changes['redirect_uri'] ?? this.redirectUri,
    })
    this.#ctx.secret('code_verifier', request.codeVerifier)
    const url = changeParameters(request.url, changes)
    const visit = await this.#session.visit(url, options)
    const sentTo = visit.callbackUrl === null ? undefined : new URL(visit.callbackUrl)
    const parameters = new URLSearchParams(sentTo?.search)
    for (const [name, value] of new URLSearchParams(sentTo?.hash.slice(1))) parameters.append(name, value)
    const code = parameters.get('code')
    if (code !== null) this.#ctx.secret('code', code)
    return {
      request: { ...request, state: new URL(url).searchParams.get('state') ?? '' },
      ...(sentTo === undefined ? {} : { sentTo }),
      parameters,
      status: visit.lastPageStatus ?? 0,
      pages: visit.pages.map(({ kind }) => kind),
    }
  }

  /**
   * A code for a good request with some parameters changed, as the token endpoint is asked with it.
   *
   * @throws NotTestableError when the request is not answered with a code.
   */
  async code(changes: ParameterChanges = {}): Promise<PendingCode> {
    const answer = await this.send(changes)
    const pending = this.pendingCode(answer)
    if (pending === undefined) {
      throw new NotTestableError(`positive control: a good request gives no code (${describe(answer)})`)
    }
    return pending
  }

  /** The code of an answer; `undefined` when it has none. */
  pendingCode({ request, parameters, sentTo }: AuthorizationAnswer): PendingCode | undefined {
    const code = parameters.get('code')
    if (code === null || code === '' || sentTo === undefined) return undefined
    const response = { callbackUrl: sentTo.href, code, state: request.state, pages: [] }
    return { server: this.server, client: this.client, request, response }
  }
}

/** What may be shown of an answer, e.g. `302 error=invalid_request` or `the login page (200)`. */
export function describe({ sentTo, parameters, status, pages }: AuthorizationAnswer): string {
  if (sentTo === undefined) return `the ${pages.at(-1) ?? 'last'} page (${status})`
  const error = parameters.get('error')
  if (error !== null) return `${status} error=${error}`
  return parameters.has('code') ? `${status} with a code` : `${status} with neither code nor error`
}

function changeParameters(url: string, changes: ParameterChanges): string {
  const changed = new URL(url)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.searchParams.delete(name)
    else changed.searchParams.set(name, value)
  }
  return changed.href
}
