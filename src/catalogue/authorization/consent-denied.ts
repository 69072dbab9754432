import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import { defineCheck, judge, notTestable, violated, type Finding } from '../check.js'
import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import { recordPages } from '../support/browser-pages.js'
import { registerUsableClient } from '../support/usable-client.js'

/** A person who presses Deny expects the client to know it. */
export const consentDenied = defineCheck({
  id: 'authz.consent.denied',
  suite: 'authorization',
  title: 'Denied consent reaches the client as access_denied with its state, and without a code',
  level: 'MUST',
  source: [{ document: 'RFC6749', clause: '4.1.2.1' }],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-deny-issues-code', profile: 'strict' }],
  timeoutMs: 40_000,
  async run(ctx) {
    const { oauth, alice } = await instance(ctx)
    const [userAgent, callback, server] = await Promise.all([
      ctx.userAgent(),
      ctx.callbackServer(),
      oauth.discover(),
    ])
    const { redirectUri } = callback
    const client = await registerUsableClient(ctx, oauth, { redirect_uris: [redirectUri] })
    const request = await buildAuthorizationRequest(server, client, { redirectUri })
    const pending = callback.expect(request.state)
    const visit = await userAgent.authorize({
      authorizationUrl: request.url,
      redirectUri,
      userId: alice.userId,
      password: alice.password,
      consent: 'deny',
    })
    pending.cancel()
    recordPages(ctx, visit.pages)
    if (!visit.pages.some(({ kind }) => kind === 'consent')) {
      return notTestable('no consent page was shown (allow_user_settings is off), so nothing could be denied')
    }
    if (visit.callbackUrl === null) {
      return violated({
        id: 'denial-not-delivered',
        message: 'the client never hears that consent was denied',
        expected: 'a redirect with error=access_denied',
        observed: visit.pages.at(-1)?.url,
      })
    }
    const findings = judgeDenial(new URL(visit.callbackUrl), request.state)
    // Whoever denied once is asked again; the same way shows that consenting works.
    const second = await oauth.obtainCode('alice', { client, resource: null })
    const kinds = second.response.pages.map(({ kind }) => kind)
    if (findings.length === 0 && !kinds.includes('consent')) {
      findings.push({
        id: 'not-asked-again',
        level: 'SHOULD',
        message: 'after a denial the next request is granted without asking',
        expected: 'a consent page',
        observed: kinds,
      })
    }
    return judge(findings, { pages: visit.pages.map(({ kind }) => kind), secondVisit: kinds })
  },
})

/** A Nextcloud of its own where there can be one: the run's own people keep their consents. */
async function instance(
  ctx: CheckContext,
): Promise<{ readonly oauth: OAuthDriver; readonly alice: NextcloudUser }> {
  if (ctx.nextcloud.kind !== 'embedded') return { oauth: ctx.oauth, alice: ctx.users.alice }
  const { oauth, nextcloud } = await ctx.privateStack({ consent: true })
  return { oauth, alice: nextcloud.users.alice }
}

function judgeDenial(url: URL, state: string): Finding[] {
  const parameters = new URLSearchParams(url.search)
  for (const [name, value] of new URLSearchParams(url.hash.slice(1))) parameters.append(name, value)
  const findings: Finding[] = []
  if (parameters.has('code')) {
    findings.push({
      id: 'code-issued',
      message: 'denied consent issues a code',
      expected: 'error=access_denied and no code',
      observed: [...parameters.keys()],
    })
  } else if (parameters.get('error') !== 'access_denied') {
    findings.push({
      id: 'other-error',
      message: 'the denial is not reported as access_denied',
      expected: 'access_denied',
      observed: parameters.get('error'),
    })
  }
  if (parameters.get('state') !== state) {
    findings.push({
      id: 'state-lost',
      message: 'the denial does not carry the state of the request',
      expected: state,
      observed: parameters.get('state'),
    })
  }
  return findings
}
