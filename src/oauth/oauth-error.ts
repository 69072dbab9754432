import * as oidc from 'openid-client'
import { HarnessError, NcmcError, quoteUntrusted } from '../errors.js'

interface Refusal {
  readonly error?: string
  readonly errorDescription?: string
  readonly status?: number
  readonly reason: string
}

/**
 * Turns whatever openid-client (or fetch below it) threw into the toolkit's one error for OAuth requests.
 *
 * The original is not kept as `cause`: its own causes hold response bodies and claims, and those hold tokens.
 * `details` are `error`, `status` and `code` (openid-client's or the socket's), as far as they are known.
 *
 * @param what the request in words, e.g. `the token request`.
 */
export function toOAuthRequestError(what: string, thrown: unknown): NcmcError {
  if (thrown instanceof NcmcError) return thrown
  const refusal = readRefusal(thrown)
  const code = readCode(thrown)
  const error = refusal.error === undefined ? '' : ` ${quoteUntrusted(refusal.error, 80)}`
  const description =
    refusal.errorDescription === undefined ? '' : ` ${quoteUntrusted(refusal.errorDescription)}`
  const status = refusal.status === undefined ? '' : ` (status ${refusal.status})`
  return new HarnessError(
    'NCMC_OAUTH_REQUEST',
    `${what} failed: ${refusal.reason}${error}${description}${status}`,
    {
      details: {
        ...(refusal.error === undefined ? {} : { error: refusal.error.slice(0, 200) }),
        ...(refusal.status === undefined ? {} : { status: refusal.status }),
        ...(code === undefined ? {} : { code }),
      },
    },
  )
}

function readRefusal(thrown: unknown): Refusal {
  if (thrown instanceof oidc.ResponseBodyError) {
    return {
      error: thrown.error,
      ...(thrown.error_description === undefined ? {} : { errorDescription: thrown.error_description }),
      status: thrown.status,
      reason: 'refused with',
    }
  }
  if (thrown instanceof oidc.WWWAuthenticateChallengeError) {
    const parameters = thrown.cause[0]?.parameters
    return {
      ...(parameters?.error === undefined ? {} : { error: parameters.error }),
      status: thrown.status,
      reason: 'refused with a challenge',
    }
  }
  if (thrown instanceof oidc.AuthorizationResponseError) {
    return {
      error: thrown.error,
      ...(thrown.error_description === undefined ? {} : { errorDescription: thrown.error_description }),
      reason: 'the authorization response is an error',
    }
  }
  if (thrown instanceof Error) {
    const response = thrown.cause instanceof Response ? thrown.cause : undefined
    return {
      reason: innermostMessage(thrown),
      ...(response === undefined ? {} : { status: response.status }),
    }
  }
  return { reason: 'unknown reason' }
}

/** `fetch failed` alone says nothing; the socket's own message below it does, and it holds no secret. */
function innermostMessage(error: Error): string {
  if (error instanceof TypeError && error.cause instanceof Error) return quoteUntrusted(error.cause.message)
  return error.message.slice(0, 300)
}

function readCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const candidates: readonly unknown[] = [thrown.cause, thrown]
  for (const candidate of candidates) {
    if (typeof candidate !== 'object' || candidate === null || !('code' in candidate)) continue
    if (typeof candidate.code === 'string') return candidate.code
  }
  return undefined
}
