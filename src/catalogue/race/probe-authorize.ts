import { randomBytes } from 'node:crypto'
import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { registerUsableClient } from '../support/usable-client.js'

interface Answer {
  readonly status: number
  /** Where it leads: back to the client, with this error; elsewhere on Nextcloud (the login); or nowhere. */
  readonly leads: 'to the client' | 'elsewhere' | 'nowhere'
  readonly error: string | null
}

/** The one anonymous request that tells a known client from an unknown one. */
export const probeAuthorize = defineCheck({
  id: 'race.probe.authorize',
  suite: 'race',
  title: 'With prompt=none and nobody logged in, authorize redirects for a known client and for no other',
  level: 'MUST',
  source: [
    { document: 'OIDC-Core', clause: '3.1.2.6' },
    { document: 'RFC6749', clause: '4.1.2.1' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-prompt-none-login-first',
      alsoRed: ['authz.prompt.none'],
      alsoNotTestable: ['race.first-use.authorize', 'race.parallel-registrations'],
    },
  ],
  async run(ctx) {
    const client = await registerUsableClient(ctx, ctx.oauth, {})
    try {
      const unknown = { ...client, client_id: randomBytes(32).toString('hex') }
      const known = await ask(ctx, client, 'none')
      const stranger = await ask(ctx, unknown, 'none')
      // Recorded only: this form leads to the login either way, and cannot be used as a probe.
      const withoutPrompt = { known: await ask(ctx, client), unknown: await ask(ctx, unknown) }
      const observed = { known, unknown: stranger, withoutPrompt }
      return judge([...judgeKnown(known), ...judgeUnknown(stranger)], observed)
    } finally {
      await removeClients(ctx, [client])
    }
  },
})

function judgeKnown(answer: Answer): Finding[] {
  if (answer.leads === 'to the client' && answer.error === 'login_required') return []
  return [
    {
      id: answer.leads === 'to the client' ? 'known-client-other-error' : 'known-client-not-redirected',
      message: 'prompt=none for a known client does not end with login_required at its redirect URI',
      expected: 'a redirect with error=login_required',
      observed: answer,
    },
  ]
}

function judgeUnknown(answer: Answer): Finding[] {
  if (answer.leads === 'nowhere') return []
  return [
    {
      id: answer.leads === 'to the client' ? 'unknown-client-redirected' : 'unknown-client-sent-to-login',
      message:
        answer.leads === 'to the client'
          ? 'an unknown client gets its redirect'
          : 'prompt=none for an unknown client leads to a login',
      expected: 'an error page and no redirect',
      observed: answer,
    },
  ]
}

async function ask(ctx: CheckContext, client: RegisteredClient, prompt?: 'none'): Promise<Answer> {
  const redirectUri = client.redirect_uris[0] ?? ''
  const request = await buildAuthorizationRequest(await ctx.oauth.discover(), client, {
    redirectUri,
    ...(prompt === undefined ? {} : { extra: { prompt } }),
  })
  const response = await ctx.fetch(request.url)
  const location = response.headers.get('location')
  await response.body?.cancel()
  const target =
    location !== null && URL.canParse(location, request.url) ? new URL(location, request.url) : undefined
  if (response.status < 300 || response.status >= 400 || target === undefined) {
    return { status: response.status, leads: 'nowhere', error: null }
  }
  const isClients = target.href.startsWith(redirectUri)
  return {
    status: response.status,
    leads: isClients ? 'to the client' : 'elsewhere',
    error: target.searchParams.get('error'),
  }
}
