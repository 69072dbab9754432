import { defineCheck, judge } from '../check.js'
import { fetchDiscoveryDocument } from '../support/discovery-document.js'

/** MCP clients must refuse to go on when PKCE support is not announced. */
export const pkceS256 = defineCheck({
  id: 'discovery.pkce-s256',
  suite: 'discovery',
  title: 'The discovery document announces PKCE with S256',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Authorization Code Protection' },
    { document: 'RFC8414', clause: '2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-not-advertised' }],
  async run(ctx) {
    const { members } = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const methods = members['code_challenge_methods_supported']
    if (Array.isArray(methods) && methods.includes('S256')) return judge([], { methods })
    return judge([
      {
        id: 's256-not-announced',
        message:
          methods === undefined
            ? 'code_challenge_methods_supported is missing'
            : 'code_challenge_methods_supported does not list S256',
        expected: ['S256'],
        observed: methods,
        // Before 2025-11-25 the OpenID document was not among those that MCP clients had to look at.
        ...(ctx.revision === '2025-06-18' ? { level: 'SHOULD' as const } : {}),
      },
    ])
  },
})
