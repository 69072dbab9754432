import { defineCheck, judge, notTestable, satisfied } from '../check.js'
import { Findings } from '../support/findings.js'
import { findMetadata } from '../support/resource-metadata.js'
import { presentToken } from '../support/token-probe.js'

/** Why a method other than the header cannot be meant. */
const UNUSABLE: Readonly<Record<string, string>> = {
  query: 'MCP forbids tokens in the query',
  body: 'a form-encoded body cannot hold an MCP message',
}

/** A client that believed the list would put tokens where they leak. */
export const prmBearerMethods = defineCheck({
  id: 'rs.prm.bearer-methods',
  suite: 'resource-server',
  title:
    'Where the metadata lists ways to send a token, the header is one of them, works, and is the only one',
  level: 'SHOULD',
  source: [
    { document: 'RFC9728', clause: '2' },
    { document: 'OAuth2.1', clause: '5.1' },
    { document: 'MCP-Authorization', clause: 'Token Requirements' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-prm-bearer-query' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const document = await findMetadata(ctx, url)
    if (document === undefined) return notTestable('no protected resource metadata document is found')
    const listed = document.members['bearer_methods_supported']
    if (listed === undefined) return satisfied({ bearer_methods_supported: 'absent' })
    const methods: readonly unknown[] = Array.isArray(listed) ? listed : []
    const findings = new Findings()
    if (!methods.includes('header')) {
      findings.add({
        id: 'header-not-listed',
        message: 'bearer_methods_supported leaves out the header, the only way that MCP has',
        expected: ['header'],
        observed: listed,
      })
    } else if ((await presentToken(ctx, url, await ctx.token('alice'))) !== 'accepted') {
      findings.add({
        id: 'header-does-not-work',
        message: 'the header is listed, but a good token in it is not accepted',
        expected: 'accepted',
        observed: 'refused',
      })
    }
    for (const method of methods.filter((known) => known !== 'header')) {
      const known = typeof method === 'string' ? UNUSABLE[method] : undefined
      findings.add({
        id: known === undefined ? 'unknown-method-listed' : `${String(method)}-listed`,
        message: `bearer_methods_supported lists what no client can use: ${known ?? 'no such method exists'}`,
        expected: ['header'],
        observed: method,
      })
    }
    return judge(findings.list(), { bearer_methods_supported: listed })
  },
})
