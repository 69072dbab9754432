import { wellKnownUrl } from '../../oauth/discovery.js'
import { defineCheck, judge, type Finding } from '../check.js'
import { fetchDocument } from '../support/discovery-document.js'

/** Everything else is found through this document; a web server without the rule for its path hides it. */
export const oidcDocument = defineCheck({
  id: 'discovery.oidc-document',
  suite: 'discovery',
  title: 'The OpenID discovery document is served to anybody, as one JSON object',
  level: 'MUST',
  source: [
    { document: 'OIDC-Discovery', clause: '4.2' },
    { document: 'OIDC-Discovery', clause: '4.1' },
    { document: 'MCP-Authorization', clause: 'Overview' },
  ],
  modes: ['nextcloud'],
  // Nothing can be found without it.
  mutants: [{ id: 'n-discovery-html', alsoNotTestable: '*' }],
  async run(ctx) {
    const asked = wellKnownUrl(ctx.nextcloud.baseUrl)
    const { url, status, mediaType, members } = await fetchDocument(ctx, asked)
    const findings: Finding[] = []
    if (status !== 200) {
      findings.push({
        id: 'status-not-200',
        message: 'the well-known address is not answered with 200',
        expected: 200,
        observed: status,
      })
    }
    if (mediaType !== 'application/json') {
      findings.push({
        id: 'not-json',
        message: 'the document is not application/json',
        expected: 'application/json',
        observed: mediaType === '' ? 'none' : mediaType,
      })
    }
    if (members === undefined) {
      findings.push({ id: 'not-an-object', message: 'the body is not one JSON object' })
    }
    return judge(findings, {
      document: url,
      redirected: url !== asked,
      members: Object.keys(members ?? {}),
    })
  },
})
