import { buildAuthorizationRequest } from '../../oauth/code-flow.js'
import { defineCheck, judge, notTestable, violated, type Finding } from '../check.js'
import { recordPages } from '../support/browser-pages.js'
import { registerUsableClient } from '../support/usable-client.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** What every login of an MCP client rests on. */
export const codeFlow = defineCheck({
  id: 'authz.code-flow',
  suite: 'authorization',
  title:
    'Login and consent lead to the exact redirect URI with code and state in the query; the code buys a token',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2' },
    { document: 'RFC6749', clause: '4.1.4' },
    { document: 'OIDC-Core', clause: '3.1.2.5' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-code-in-fragment', alsoNotTestable: '*' }],
  timeoutMs: 40_000,
  async run(ctx) {
    const [userAgent, callback, server] = await Promise.all([
      ctx.userAgent(),
      ctx.callbackServer(),
      ctx.oauth.discover(),
    ])
    const client = await registerUsableClient(ctx, ctx.oauth, { redirect_uris: [callback.redirectUri] })
    const { redirectUri } = callback
    const request = await buildAuthorizationRequest(server, client, { redirectUri })
    const pending = callback.expect(request.state)
    const { alice } = ctx.users
    const visit = await userAgent.authorize({ authorizationUrl: request.url, redirectUri, ...alice })
    pending.cancel()
    recordPages(ctx, visit.pages)
    if (visit.callbackUrl === null) {
      return violated({
        id: 'no-response',
        message: 'the authorization request does not lead back to the client',
        expected: redirectUri,
        observed: visit.pages.at(-1)?.url,
      })
    }
    const url = new URL(visit.callbackUrl)
    const error = url.searchParams.get('error')
    if (error !== null) {
      return violated({
        id: 'error-response',
        message: 'the authorization request is refused',
        observed: error,
      })
    }
    const code = url.searchParams.get('code')
    if (code === null) {
      const inFragment = new URLSearchParams(url.hash.slice(1)).has('code')
      return violated(
        inFragment
          ? { id: 'code-in-fragment', message: 'the code is in the fragment instead of the query' }
          : { id: 'code-missing', message: 'the authorization response has no code' },
      )
    }
    const findings: Finding[] = []
    const reached = `${url.origin}${url.pathname}`
    if (reached !== redirectUri) {
      findings.push({
        id: 'redirect-uri-differs',
        message: 'the response goes to another URI than the registered one',
        expected: redirectUri,
        observed: reached,
      })
    }
    if (url.searchParams.get('state') !== request.state) {
      findings.push({
        id: 'state-differs',
        message: 'the response does not carry the state of the request',
        expected: request.state,
        observed: url.searchParams.get('state'),
      })
    }
    ctx.secret('code', code)
    const response = { callbackUrl: url.href, code, state: request.state, pages: visit.pages }
    const answer = await redeemCode(ctx, ctx.oauth, { server, client, request, response })
    if (answer.status === 429) return notTestable('token requests are rate limited at the moment')
    const { token_type: tokenType } = answer.members
    if (answer.accessToken === undefined || !/^bearer$/i.test(String(tokenType))) {
      findings.push({
        id: 'code-not-redeemed',
        message: 'the fresh code does not buy a bearer token',
        expected: '200 with access_token and token_type Bearer',
        observed: describeAnswer(answer),
      })
    }
    return judge(findings, {
      pages: visit.pages.map(({ kind }) => kind),
      members: Object.keys(answer.members),
    })
  },
})
