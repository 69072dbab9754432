import type { UserName } from '../catalogue/context.js'
import { HarnessError } from '../errors.js'
import { EvidenceRecorder } from '../evidence/recorder.js'
import type { Redactor } from '../evidence/redactor.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import { CallbackServer } from '../oauth/callback-server.js'
import type { CallbackMutant } from '../oauth/callback-mutants.js'
import { waitUntilClientVisible } from '../oauth/propagation.js'
import { registerClient } from '../oauth/registration.js'
import { mintTokens } from '../oauth/tokens.js'
import type { RunReport } from '../report/model.js'
import { createUserAgent } from '../user-agent/index.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { discoverLeniently } from './discover.js'

const USERS = ['alice', 'bob'] as const satisfies readonly UserName[]
const FORMATS = ['opaque', 'jwt'] as const

/** A token of the run; `accessToken` is secret and is taken off before anything is reported. */
export type RunToken = RunReport['tokens'][number] & { readonly accessToken: string }

export interface MintRunTokensInput {
  readonly nextcloud: Pick<Nextcloud, 'kind' | 'baseUrl' | 'users'>
  /** Resource identifier: the oauth target's MCP endpoint. */
  readonly resource: string
  readonly userAgent: UserAgent['kind']
  readonly callbackMutants: readonly CallbackMutant[]
  readonly redactor: Redactor
  readonly stage: (text: string) => void
}

export interface MintedRunTokens {
  readonly tokens: readonly RunToken[]
  readonly screenshots: ReadonlyMap<string, Uint8Array>
  readonly userAgentVersion: string
}

/**
 * Mints an opaque and a JWT access token for alice and for bob, as their client would get them: one client per
 * format is registered, then each user logs in and consents with the run's user agent.
 *
 * @throws {HarnessError} `NCMC_NEXTCLOUD_UNSUITABLE` without a registration endpoint; otherwise as the flow does.
 */
export async function mintRunTokens(input: MintRunTokensInput): Promise<MintedRunTokens> {
  const { nextcloud, redactor, resource } = input
  const server = await discoverLeniently(nextcloud.baseUrl)
  if (server.metadata.registration_endpoint === undefined) {
    throw new HarnessError(
      'NCMC_NEXTCLOUD_UNSUITABLE',
      `${nextcloud.baseUrl} offers no dynamic registration; run occ config:app:set oidc dynamic_client_registration --value true`,
    )
  }
  input.stage(`logging alice and bob in (${input.userAgent})`)
  const userAgent = await createUserAgent(input.userAgent)
  const callback = await CallbackServer.start({ mutants: input.callbackMutants })
  try {
    const clients = await Promise.all(
      FORMATS.map(async (format) => ({
        format,
        client: await registerClient(server, {
          client_name: `nc-mcp-conformance ${format}`,
          redirect_uris: [callback.redirectUri],
          token_type: format,
        }),
      })),
    )
    for (const { client } of clients) redactor.learn('client_secret', client.client_secret)
    await Promise.all(clients.map(({ client }) => waitUntilClientVisible(client)))
    const screenshots = new Map<string, Uint8Array>()
    const mintFor = async (user: UserName): Promise<RunToken[]> => {
      const own: RunToken[] = []
      // One after the other for each person, as a person would.
      for (const { format, client } of clients) {
        const started = performance.now()
        const recorder = new EvidenceRecorder(redactor)
        const minted = await mintTokens({
          server,
          client,
          tokenFormat: format,
          user: nextcloud.users[user],
          userAgent,
          resource,
          callback,
          fetch: recorder.fetch,
        })
        const { access_token: accessToken } = minted.tokens
        redactor.learn('access_token', accessToken)
        for (const [index, page] of minted.pages.entries()) {
          recorder.note(`page ${index + 1}: ${page.kind} ${page.url} "${page.title}"`)
          if (page.screenshot !== undefined)
            recorder.screenshot(`token-${user}-${format}-${page.kind}`, page.screenshot)
        }
        for (const [file, png] of recorder.screenshots) screenshots.set(file, png)
        own.push({
          user,
          format,
          accessToken,
          fingerprint: redactor.fingerprint('access_token', accessToken),
          mintedBy: input.userAgent,
          durationMs: Math.round(performance.now() - started),
          evidence: await recorder.evidence(),
        })
      }
      return own
    }
    const tokens: RunToken[][] = []
    if (nextcloud.kind === 'embedded') tokens.push(...(await Promise.all(USERS.map(mintFor))))
    // A real Nextcloud on SQLite refuses one of two logins at a time: "database is locked", status 500.
    else for (const user of USERS) tokens.push(await mintFor(user))
    return { tokens: tokens.flat(), screenshots, userAgentVersion: userAgent.version }
  } catch (error) {
    if (error instanceof HarnessError) throw error
    throw new HarnessError('NCMC_FLOW_FAILED', 'the tokens of the run could not be minted', { cause: error })
  } finally {
    await callback.close()
    await userAgent.close()
  }
}
