import type { CheckContext } from '../context.js'
import type { McpSession } from './mcp-session.js'

export interface StreamProbe {
  readonly status: number
  /** A 200 with an event stream. */
  readonly isStream: boolean
}

/** Asks for the event stream of a session (GET) and closes it at once. */
export async function openStreamBriefly(
  ctx: Pick<CheckContext, 'fetch' | 'revision'>,
  session: McpSession,
  token: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamProbe> {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort()
  }, 10_000)
  try {
    const response = await ctx.fetch(session.url, {
      signal: controller.signal,
      headers: {
        accept: 'text/event-stream',
        'mcp-protocol-version': ctx.revision,
        ...(session.sessionId === undefined ? {} : { 'mcp-session-id': session.sessionId }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    })
    const isStream =
      response.status === 200 && (response.headers.get('content-type') ?? '').includes('text/event-stream')
    return { status: response.status, isStream }
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}
