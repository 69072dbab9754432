import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { withRun } from './support/handle.js'

describe('the authorization suite', () => {
  itJudgesTheModelCitizen('authorization', {
    'authz.code.not-a-refresh-token': 'known-deviation',
    'authz.pkce.plain': 'known-deviation',
    'authz.pkce.required': 'known-deviation',
    'authz.pkce.downgrade': 'known-deviation',
    'authz.redirect-uri.exact': 'known-deviation',
    'authz.code.lifetime': 'known-deviation',
    'authz.code.redirect-uri-bound': 'known-deviation',
    'authz.scope.narrowing': 'known-deviation',
    'authz.prompt.none': 'known-deviation',
    'authz.iss.response': 'not-applicable',
  })
  itTurnsRed([
    ['authz.code-flow', 'nextcloud', 'n-code-in-fragment', ['code-in-fragment']],
    [
      'authz.state.echo',
      'nextcloud',
      'n-state-decoded-twice',
      ['state-changed-in-error', 'state-changed-in-success'],
    ],
    ['authz.pkce.wrong-verifier', 'nextcloud', 'n-pkce-compare-prefix', ['wrong-plain-verifier-accepted']],
    ['authz.pkce.plain', 'nextcloud', 'n-pkce-tries-plain', ['challenge-accepted-as-verifier']],
    ['authz.pkce.required', 'nextcloud', 'n-pkce-not-enforced', ['tokens-without-challenge']],
    ['authz.pkce.downgrade', 'nextcloud', 'n-pkce-downgrade', ['verifier-without-challenge-accepted']],
    [
      'authz.redirect-uri.exact',
      'nextcloud',
      'n-redirect-prefix-match',
      ['other-loopback-path-accepted', 'other-path-accepted', 'query-accepted', 'trailing-slash-accepted'],
    ],
    ['authz.code.lifetime', 'nextcloud', 'n-code-never-expires', ['code-outlives-its-life']],
    ['authz.code.wrong-client', 'nextcloud', 'n-code-any-client', ['code-redeemed-by-other-client']],
    [
      'authz.code.redirect-uri-bound',
      'nextcloud',
      'n-token-redirect-ignored',
      ['other-redirect-uri-accepted'],
    ],
    ['authz.error.redirect', 'nextcloud', 'n-error-without-state', ['error-without-state']],
    ['authz.scope.narrowing', 'nextcloud', 'n-scope-not-narrowed', ['scope-beyond-registration']],
    ['authz.prompt.none', 'nextcloud', 'n-prompt-none-shows-login', ['page-without-session']],
    ['authz.prompt.login', 'nextcloud', 'n-prompt-login-ignored', ['session-reused']],
    ['authz.iss.response', 'nextcloud', 'n-iss-wrong', ['iss-differs']],
    [
      'authz.callback.error-param',
      'oauth',
      'c-error-ignored',
      ['error-ignored', 'code-exchanged-after-error'],
    ],
    ['authz.callback.missing-code', 'oauth', 'c-empty-code-exchanged', ['incomplete-response-accepted']],
    ['authz.callback.timeout', 'oauth', 'c-waits-forever', ['waits-on']],
    ['authz.callback.no-reflection', 'oauth', 'c-reflects-html', ['markup-reflected']],
    ['authz.pkce.missing-verifier', 'nextcloud', 'n-pkce-verifier-optional', ['tokens-without-verifier']],
    ['authz.redirect-uri.mismatch', 'nextcloud', 'n-open-redirect', ['redirect-to-unregistered-uri']],
    ['authz.code.single-use', 'nextcloud', 'n-code-replay', ['code-accepted-again']],
    ['authz.consent.denied', 'nextcloud', 'n-deny-issues-code', ['code-issued']],
    [
      'authz.callback.state-mismatch',
      'oauth',
      'c-state-unchecked',
      ['foreign-response-accepted', 'foreign-code-delivered'],
    ],
    [
      'authz.code.not-a-refresh-token',
      'nextcloud',
      'n-code-as-refresh-token',
      ['code-accepted-as-refresh-token'],
    ],
  ])

  it('has no deviations to report under the strict profile', async () => {
    await withRun({ profile: 'strict' }, async ({ cell }) => {
      for (const { id, suite, modes } of CHECKS) {
        if (suite !== 'authorization') continue
        const { verdict, message } = await cell(id, modes[0])
        expect({ id, verdict, message }).toMatchObject({ id, verdict: 'passed' })
      }
    })
  }, 60_000)

  it('names every deviation of a version that knows no PKCE and no prompt', async () => {
    await withRun({ profile: 'oidc-1.9.0' }, async ({ cell }) => {
      const seen = new Map<string, readonly string[]>()
      for (const { id, suite } of CHECKS) {
        if (suite !== 'authorization' || id.startsWith('authz.callback.')) continue
        const { verdict, message, findings } = await cell(id, 'nextcloud')
        expect(['passed', 'known-deviation', 'not-applicable'], `${id}: ${message}`).toContain(verdict)
        seen.set(
          id,
          findings.map((finding) => finding.id),
        )
      }
      expect(seen.get('authz.pkce.wrong-verifier')).toEqual([
        'illegal-length-accepted',
        'wrong-plain-verifier-accepted',
        'wrong-verifier-accepted',
      ])
      expect(seen.get('authz.state.echo')).toEqual(['state-changed-in-error'])
      expect(seen.get('authz.prompt.login')).toEqual(['session-reused'])
    })
  }, 60_000)

  it('does not call a deviation disproved where nobody is asked for consent', async () => {
    await using nextcloud = await startEmbeddedNextcloud({ consent: false })
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    await withRun({ attached, modes: ['oauth'] }, async ({ cell, stale }) => {
      const { verdict, observed } = await cell('authz.prompt.none', 'nextcloud')
      expect({ verdict, observed }).toMatchObject({
        verdict: 'passed',
        observed: { withoutConsent: 'consent is not asked for here' },
      })
      expect(stale).toEqual([])
    })
  })

  it.each([
    ['refuses and repeats nothing', 400, () => 'no', []],
    [
      'takes everything and repeats it',
      200,
      (query: URLSearchParams) => `<p>${query.get('error_description') ?? ''}</p>`,
      ['server-error-shown-as-success', 'server-markup-reflected'],
    ],
  ] as const)("judges the server's own callback, which %s", async (_name, status, page, reflected) => {
    await using server = await startCallback(status, page)
    await using nextcloud = await startEmbeddedNextcloud()
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    const targets = { oauth: { kind: 'url', url: server.url } } as const
    await withRun({ attached, targets }, async ({ cell }) => {
      const found = async (id: string) => {
        const { findings, observed } = await cell(id, 'oauth')
        if (findings.length === 0) expect(observed).toMatchObject({ serverCallback: status })
        return findings.map((finding) => finding.id)
      }
      const accepts = (finding: string) => (status === 200 ? [finding] : [])
      expect(await found('authz.callback.no-reflection')).toEqual(reflected)
      expect(await found('authz.callback.error-param')).toEqual(accepts('server-accepts-unknown-error'))
      expect(await found('authz.callback.missing-code')).toEqual(
        accepts('server-accepts-incomplete-response'),
      )
      expect(await found('authz.callback.state-mismatch')).toEqual(accepts('server-accepts-foreign-response'))
    })
  })

  it('reports the denial that a browser cannot deliver as a known deviation, with pictures', async () => {
    await withRun({ userAgent: 'browser' }, async ({ cell }) => {
      const result = await cell('authz.consent.denied', 'nextcloud')
      expect(result.verdict).toBe('known-deviation')
      expect(result.findings.map(({ id }) => id)).toEqual(['denial-not-delivered'])
      const pictures = result.evidence.flatMap((item) => (item.kind === 'screenshot' ? [item.name] : []))
      expect(pictures).toEqual([
        'authz.consent.denied-nextcloud-1-login',
        'authz.consent.denied-nextcloud-2-consent',
        'authz.consent.denied-nextcloud-3-dashboard',
      ])
    })
  }, 60_000)
})

/** A server that answers at /oauth/callback, and to nothing else. */
async function startCallback(
  status: number,
  page: (query: URLSearchParams) => string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const isCallback = pathname === '/oauth/callback'
    response.writeHead(isCallback ? status : 401, { 'content-type': 'text/html' })
    response.end(isCallback ? page(searchParams) : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
