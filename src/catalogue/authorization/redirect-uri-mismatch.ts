import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { recordPages } from '../support/browser-pages.js'
import { registerUsableClient } from '../support/usable-client.js'

/** An open redirector hands codes, or a trusted way to a phishing page, to whoever asks. */
export const redirectUriMismatch = defineCheck({
  id: 'authz.redirect-uri.mismatch',
  suite: 'authorization',
  title: 'Nothing is ever redirected to a URI that the client did not register',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2.1' },
    { document: 'RFC6749', clause: '3.1.2.4' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-open-redirect', alsoRed: ['authz.redirect-uri.exact', 'race.parallel-registrations'] }],
  timeoutMs: 40_000,
  async run(ctx) {
    const [userAgent, callback, server] = await Promise.all([
      ctx.userAgent(),
      ctx.callbackServer(),
      ctx.oauth.discover(),
    ])
    const { redirectUri: registered } = callback
    // Same host and port, so that a browser that is sent there arrives somewhere harmless.
    const unregistered = new URL('/unregistered', registered).href
    const client = await registerUsableClient(ctx, ctx.oauth, { redirect_uris: [registered] })
    const request = (redirectUri: string, extra: Readonly<Record<string, string>> = {}) =>
      buildAuthorizationRequest(server, client, { redirectUri, extra })

    const silently = { prompt: 'none' }
    const controlLocation = await redirectOf(ctx, (await request(registered, silently)).url)
    const { alice } = ctx.users
    if (controlLocation?.startsWith(registered) !== true) {
      // Versions that ignore prompt=none ask for the login first; then a whole visit is the control.
      const control = await request(registered)
      const pending = callback.expect(control.state)
      const visit = await userAgent.authorize({
        authorizationUrl: control.url,
        redirectUri: registered,
        ...alice,
      })
      pending.cancel()
      if (visit.callbackUrl === null) {
        return notTestable('positive control: the registered URI is not redirected to either')
      }
    }
    const silentLocation = await redirectOf(ctx, (await request(unregistered, silently)).url)
    const withoutUri = new URL((await request(registered, silently)).url)
    withoutUri.searchParams.delete('redirect_uri')
    const defaultLocation = await redirectOf(ctx, withoutUri.href)

    const visit = await userAgent.authorize({
      authorizationUrl: (await request(unregistered)).url,
      redirectUri: unregistered,
      timeoutMs: 20_000,
      ...alice,
    })
    recordPages(ctx, visit.pages)
    const redirects: Record<string, string> = {}
    if (silentLocation?.startsWith(unregistered) === true) redirects['without session'] = silentLocation
    if (visit.callbackUrl !== null) redirects['logged in'] = visit.callbackUrl
    return judge(judgeRedirects(redirects), {
      withoutSession: silentLocation ?? 'no redirect',
      withoutRedirectUri: defaultLocation === undefined ? 'no redirect' : 'a redirect to the registered URI',
      loggedIn: visit.pages.at(-1)?.kind ?? 'no page',
    })
  },
})

function judgeRedirects(redirects: Readonly<Record<string, string>>): Finding[] {
  const locations = Object.values(redirects)
  if (locations.length === 0) return []
  const hasCode = locations.some((location) => /[?&#]code=/.test(location))
  return [
    {
      id: hasCode ? 'code-to-unregistered-uri' : 'redirect-to-unregistered-uri',
      message: `an unregistered redirect URI is redirected to${hasCode ? ', with a code' : ''}`,
      expected: 'a page that informs the person, and no redirect',
      observed: redirects,
    },
  ]
}

/** Where a request without a session is redirected to; `undefined` when it is answered with a page. */
async function redirectOf(ctx: Pick<CheckContext, 'fetch'>, url: string): Promise<string | undefined> {
  const response = await ctx.fetch(url)
  await response.body?.cancel()
  return response.headers.get('location') ?? undefined
}
