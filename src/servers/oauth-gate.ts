import type { Admission, Caller, Gate } from './caller.js'
import type { Lifecycle } from './lifecycle.js'
import type { ServerMutant } from './mutants.js'
import { readBearerToken } from './bearer-token.js'
import { CallerFactory } from './caller-factory.js'
import type { ChallengeError, ProtectedResource } from './protected-resource.js'
import type { Verification } from './token-verifier/verification.js'

export interface OAuthGateOptions {
  readonly verify: (token: string) => Promise<Verification>
  readonly protectedResource: ProtectedResource
  readonly nextcloudUrl: string
  readonly mutants: ReadonlySet<ServerMutant>
  readonly lifecycle: Lifecycle
}

const RETRY_AFTER_SECONDS = 2

/**
 * OAuth mode: every request brings its own token, and acts as that token's user (OAuth 2.1 §5.2, §5.3). An
 * outage of the authorization server is 503, so that clients keep a token that may well be good.
 */
export function oauthGate(options: OAuthGateOptions): Gate {
  const { verify, mutants } = options
  const callers = new CallerFactory(options)
  return async (request) => {
    const credentials = readBearerToken(request)
    if (credentials.status === 'absent') {
      if (mutants.has('s-open-without-token')) return admitted(callers.anonymous())
      return refused(options, 401)
    }
    if (credentials.status === 'malformed') {
      return refused(options, 400, {
        error: 'invalid_request',
        description: 'The Authorization header is malformed',
      })
    }
    const { token } = credentials
    const verification = mutants.has('s-forwards-before-verify')
      ? (await Promise.all([verify(token), callers.forward(token)]))[0]
      : await verify(token)
    const named = request.headers.get('X-Forwarded-User')
    if (verification.status === 'valid' && named !== null && mutants.has('s-trusts-user-header'))
      return admitted(callers.callerNamed(named, verification.identity, token))
    if (verification.status === 'valid') return admitted(callers.callerOf(verification.identity, token))
    if (verification.status === 'invalid') {
      const quoted = mutants.has('s-token-in-error') ? ` (${token})` : ''
      return refused(options, 401, { error: 'invalid_token', description: verification.reason + quoted })
    }
    if (mutants.has('s-fail-open'))
      return admitted(callers.callerOf({ sub: 'unknown', clientId: 'unknown' }, token))
    return {
      admitted: false,
      response: Response.json(
        {
          error: 'temporarily_unavailable',
          error_description: 'The access token cannot be checked at the moment',
        },
        { status: 503, headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } },
      ),
    }
  }
}

function admitted(caller: Caller): Admission {
  return { admitted: true, caller }
}

function refused(
  { protectedResource }: OAuthGateOptions,
  status: 400 | 401,
  error?: ChallengeError,
): Admission {
  const body = {
    error: error?.error ?? 'unauthorized',
    error_description: error?.description ?? 'An access token is required',
  }
  const headers = { 'WWW-Authenticate': protectedResource.challenge(error), 'Cache-Control': 'no-store' }
  return { admitted: false, response: Response.json(body, { status, headers }) }
}
