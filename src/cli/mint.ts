import { UsageError } from '../errors.js'
import { CallbackServer } from '../oauth/callback-server.js'
import { buildAuthorizationRequest, exchangeCode } from '../oauth/code-flow.js'
import { discoverAuthorizationServer } from '../oauth/discovery.js'
import { waitUntilClientVisible } from '../oauth/propagation.js'
import { registerClient } from '../oauth/registration.js'
import { mintTokens } from '../oauth/tokens.js'
import { createUserAgent } from '../user-agent/index.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { openInSystemBrowser } from './open-browser.js'

/** How long a person may take in their own browser, ms. */
const INTERACTIVE_TIMEOUT_MS = 120_000

export interface MintForCliInput {
  /** Base URL of the Nextcloud, also the issuer. */
  readonly issuer: string
  readonly format: 'opaque' | 'jwt'
  readonly resource?: string
  /** A user agent logs this user in; absent: a person does, in the system's browser. */
  readonly login?: {
    readonly userAgent: UserAgent['kind']
    readonly userId: string
    readonly password: string
  }
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

/** The token endpoint's answer, wire spelling. Secret. */
export type CliTokens = Awaited<ReturnType<typeof exchangeCode>>

/**
 * Mints tokens for the `token` command: registers a client, logs in, exchanges the code. The client stays
 * registered, because its tokens end with it.
 *
 * @throws {HarnessError} as the flow does.
 */
export async function mintForCli(input: MintForCliInput): Promise<CliTokens> {
  return input.login === undefined ? mintInteractively(input) : mintAs(input, input.login)
}

async function mintAs(
  input: MintForCliInput,
  login: NonNullable<MintForCliInput['login']>,
): Promise<CliTokens> {
  const userAgent = await createUserAgent(login.userAgent, { onProgress: input.onProgress })
  const onAbort = (): void => void userAgent.close()
  input.signal.addEventListener('abort', onAbort)
  try {
    input.signal.throwIfAborted()
    const { tokens } = await mintTokens({
      issuer: input.issuer,
      tokenFormat: input.format,
      user: { userId: login.userId, password: login.password },
      userAgent,
      ...(input.resource === undefined ? {} : { resource: input.resource }),
    })
    return tokens
  } finally {
    input.signal.removeEventListener('abort', onAbort)
    await userAgent.close()
  }
}

async function mintInteractively(input: MintForCliInput): Promise<CliTokens> {
  const server = await discoverAuthorizationServer(input.issuer)
  await using callback = await CallbackServer.start()
  const onAbort = (): void => void callback.close()
  input.signal.addEventListener('abort', onAbort)
  try {
    const client = await registerClient(server, {
      client_name: 'nc-mcp-conformance',
      redirect_uris: [callback.redirectUri],
      token_type: input.format,
    })
    if (client.registration_client_uri !== undefined) await waitUntilClientVisible(client)
    const request = await buildAuthorizationRequest(server, client, {
      redirectUri: callback.redirectUri,
      ...(input.resource === undefined ? {} : { resource: input.resource }),
    })
    const pending = callback.expect(request.state, { timeoutMs: INTERACTIVE_TIMEOUT_MS })
    input.onProgress(`log in and consent within ${INTERACTIVE_TIMEOUT_MS / 1_000} s in your browser:`)
    input.onProgress(request.url)
    openInSystemBrowser(request.url)
    const response = await pending.response
    const error = response.searchParams.get('error')
    if (error === 'access_denied') throw new UsageError('NCMC_USAGE', 'consent was denied in the browser')
    return await exchangeCode(server, client, request, response.href)
  } finally {
    input.signal.removeEventListener('abort', onAbort)
  }
}
