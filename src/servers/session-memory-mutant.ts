import type { Admission, Caller, Gate } from './caller.js'

/** More than are in use at the same time when the mutant matters. */
const MAX_REMEMBERED = 100

/**
 * What `s-auth-only-initialize` does: once a session was used with a token, its id stands for that caller.
 *
 * @param isOn asked where a request has a session id and no token.
 */
export function rememberingSessions(gate: Gate, isOn: () => boolean): Gate {
  const callers = new Map<string, Caller>()
  return async (request): Promise<Admission> => {
    const sessionId = request.headers.get('Mcp-Session-Id')
    const known = sessionId === null ? undefined : callers.get(sessionId)
    if (known !== undefined && !request.headers.has('Authorization') && isOn())
      return { admitted: true, caller: known }
    const admission = await gate(request)
    if (sessionId !== null && admission.admitted) {
      callers.set(sessionId, admission.caller)
      const [oldest] = callers.keys()
      if (callers.size > MAX_REMEMBERED && oldest !== undefined) callers.delete(oldest)
    }
    return admission
  }
}
