import { HarnessError, NcmcError, quoteUntrusted } from '../../errors.js'
import { mintTokens } from '../../oauth/tokens.js'
import { createHttpUserAgent } from '../../user-agent/http.js'
import type { NextcloudUser } from '../nextcloud.js'
import { poll } from './polling.js'

/** How long a setting may stay unseen: the web server caches app configuration for 3 s, PHP files for more. */
const SETTLE_MS = 20_000
const REQUEST_TIMEOUT_MS = 30_000

export interface VerifyInput {
  readonly baseUrl: string
  readonly alice: NextcloudUser
  /** Last lines of the instance's logs, for the error. */
  readonly logs: () => Promise<string>
  readonly signal?: AbortSignal
}

/** `undefined` when the answer is right, else what was seen. */
type Question = () => Promise<string | undefined>

/**
 * Asks Nextcloud itself whether a run can work on it: it is installed, its discovery document has the public issuer,
 * registration and S256, alice can log in, and a bearer token of hers lists notes.
 *
 * @throws {HarnessError} `NCMC_NEXTCLOUD_UNSUITABLE` with what was asked, what was seen, and the last log lines.
 */
export async function verifyNextcloud(input: VerifyInput): Promise<void> {
  const { baseUrl, alice } = input
  await hold(input, 'status.php says installed', async () => {
    const { body, seen } = await get(`${baseUrl}/status.php`)
    return body['installed'] === true && body['maintenance'] !== true ? undefined : seen
  })
  await hold(input, 'discovery names the public issuer, registration and S256', async () => {
    const { body, seen } = await get(`${baseUrl}/.well-known/openid-configuration`)
    const methods: unknown = body['code_challenge_methods_supported']
    const complete =
      body['issuer'] === baseUrl &&
      typeof body['registration_endpoint'] === 'string' &&
      Array.isArray(methods) &&
      methods.includes('S256')
    return complete ? undefined : seen
  })
  await hold(input, 'alice can use OCS with her password', async () => {
    const { body, seen } = await get(`${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
      Authorization: `Basic ${Buffer.from(`${alice.userId}:${alice.password}`).toString('base64')}`,
    })
    const ocs = body['ocs'] as { data?: { id?: unknown } } | undefined
    return ocs?.data?.id === alice.userId ? undefined : seen
  })
  await verifyBearer(input)
}

async function verifyBearer(input: VerifyInput): Promise<void> {
  const { baseUrl, alice } = input
  await using userAgent = createHttpUserAgent()
  const minted = await mintTokens({ issuer: baseUrl, user: alice, userAgent }).catch(
    async (cause: unknown) => {
      if (!(cause instanceof NcmcError)) throw cause
      throw await unsuitable(input, 'alice gets a token', cause.message, cause)
    },
  )
  try {
    await hold(input, 'a bearer token lists notes', async () => {
      const { status, seen } = await get(`${baseUrl}/index.php/apps/notes/api/v1/notes`, {
        Authorization: `Bearer ${minted.tokens.access_token}`,
      })
      return status === 200 ? undefined : seen
    })
  } finally {
    const { registration_client_uri: uri, registration_access_token: token } = minted.client
    if (uri !== undefined && token !== undefined) {
      // Best effort: the client expires by itself.
      await fetch(uri, {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      }).catch(() => undefined)
    }
  }
}

async function hold(input: VerifyInput, what: string, ask: Question): Promise<void> {
  let seen: string | undefined
  const held = await poll(
    async () => {
      seen = await ask()
      return seen === undefined ? true : undefined
    },
    { timeoutMs: SETTLE_MS, ...(input.signal === undefined ? {} : { signal: input.signal }) },
  )
  if (held === undefined) throw await unsuitable(input, what, seen ?? 'nothing')
}

async function unsuitable(
  input: VerifyInput,
  asked: string,
  seen: string,
  cause?: unknown,
): Promise<HarnessError> {
  const logs = await input.logs().catch(() => '')
  return new HarnessError(
    'NCMC_NEXTCLOUD_UNSUITABLE',
    `the Nextcloud in the container is not what a run needs. Asked: ${asked}. Seen: ${seen}. Last log lines: ${quoteUntrusted(logs.trim().slice(-1_500), 1_600)}`,
    { cause, details: { asked, seen } },
  )
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  /** For an error message. */
  readonly seen: string
}

async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      headers: { Accept: 'application/json', 'OCS-APIRequest': 'true', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: asObject(text),
      seen: `${response.status} ${quoteUntrusted(text, 300)}`,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { status: 0, body: {}, seen: `no answer (${quoteUntrusted(reason, 120)})` }
  }
}

function asObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
