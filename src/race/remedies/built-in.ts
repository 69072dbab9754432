import { growingPauseMs } from '../../oauth/growing-pause.js'
import { waitUntilClientVisible } from '../../oauth/propagation.js'
import type { Remedy } from '../model.js'
import { discoveryPoll } from './discovery-poll.js'
import type { RemedyContext, RemedyDefinition } from './remedy.js'

/** The first part of the seed's remedy, alone. */
const FIXED_WAIT_MS = 500
/** How long the probes and retries go on, ms. */
export const PATIENCE_MS = 10_000

const fixedWait: RemedyDefinition = {
  name: 'fixed-wait',
  summary: `waits ${FIXED_WAIT_MS / 1_000} s`,
  beforeUse: ({ sleep }) => sleep(FIXED_WAIT_MS),
}

/** Without a session and with `prompt=none`, only a known client with a known redirect URI gets a redirect. */
const authorizeProbe: RemedyDefinition = {
  name: 'authorize-probe',
  summary: 'asks authorize with prompt=none, without a session, until it redirects to the client',
  async beforeUse(ctx) {
    const endMs = ctx.nowMs() + PATIENCE_MS
    for (let attempts = 1; !(await isRedirected(ctx)); attempts += 1) {
      const pauseMs = growingPauseMs(attempts)
      if (ctx.nowMs() + pauseMs >= endMs) return
      await ctx.sleep(pauseMs)
    }
  },
}

async function isRedirected({ fetch, client, metadata }: RemedyContext): Promise<boolean> {
  const url = new URL(metadata.authorization_endpoint)
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: client.redirect_uri,
    response_type: 'code',
    scope: 'openid',
    state: 'probe',
    prompt: 'none',
  }).toString()
  try {
    const response = await fetch(url.href, { headers: { accept: 'text/html' } })
    await response.text()
    return response.headers.get('location')?.startsWith(client.redirect_uri) === true
  } catch {
    return false
  }
}

const clientReadProbe: RemedyDefinition = {
  name: 'client-read-probe',
  summary: 'reads the client at its registration_client_uri (RFC 7592) until it answers',
  async beforeUse({ fetch, client, nowMs, sleep }) {
    await waitUntilClientVisible(client, { fetch, clock: { nowMs, sleep }, timeoutMs: PATIENCE_MS })
  },
}

const retryFirstUse: RemedyDefinition = {
  name: 'retry-first-use',
  summary:
    'sends registration, token and userinfo requests again that fail, with growing pauses, for up to 10 s',
  retries: true,
}

const keepClient: RemedyDefinition = {
  name: 'keep-client',
  summary: 'uses the client of an earlier start again, and registers only when its end has come',
  keepsClient: true,
}

/** All remedies of the laboratory's own. */
export const BUILT_IN_REMEDIES: Readonly<Record<Remedy, RemedyDefinition>> = {
  none: { name: 'none', summary: 'uses the client at once' },
  'fixed-wait': fixedWait,
  'discovery-poll': discoveryPoll,
  'authorize-probe': authorizeProbe,
  'client-read-probe': clientReadProbe,
  'retry-first-use': retryFirstUse,
  'keep-client': keepClient,
}

/** Several remedies as one: their waits come one after the other. */
export function combine(name: string, parts: readonly RemedyDefinition[]): RemedyDefinition {
  const waits = parts.flatMap(({ beforeUse }) => beforeUse ?? [])
  return {
    name,
    summary: parts.map(({ summary }) => summary).join('; then '),
    ...(waits.length === 0
      ? {}
      : {
          beforeUse: async (ctx) => {
            for (const wait of waits) await wait(ctx)
          },
        }),
    retries: parts.some(({ retries }) => retries === true),
    keepsClient: parts.some(({ keepsClient }) => keepsClient === true),
  }
}
