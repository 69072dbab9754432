import { defineCheck, satisfied, violated } from '../check.js'
import { fetchDiscoveryDocument } from '../support/discovery-document.js'

/** Clients must not use metadata of another issuer, so one character too many stops every flow. */
export const issuerMatch = defineCheck({
  id: 'discovery.issuer-match',
  suite: 'discovery',
  title: 'The discovery document names the issuer that it was asked for, character by character',
  level: 'MUST',
  source: [
    { document: 'OIDC-Discovery', clause: '4.3' },
    { document: 'RFC8414', clause: '3.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-issuer-trailing-slash', alsoRed: ['tokens.response.fields'], alsoNotTestable: '*' }],
  async run(ctx) {
    const { members, url } = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const issuer = members['issuer']
    if (issuer === ctx.nextcloud.baseUrl) return satisfied({ issuer, document: url })
    return violated({
      id: 'issuer-differs',
      message: 'the document names another issuer than the one it was found under',
      expected: ctx.nextcloud.baseUrl,
      observed: issuer,
    })
  },
})
