import { defineCheck, judge, type Finding } from '../check.js'
import { fetchDiscoveryDocument, fetchDocument } from '../support/discovery-document.js'

const WELL_KNOWN = '/.well-known/oauth-authorization-server'

/** Clients of 2025-06-18 look here only; a document that says something else leads them astray. */
export const rfc8414Document = defineCheck({
  id: 'discovery.rfc8414-document',
  suite: 'discovery',
  title: 'The RFC 8414 document, which revision 2025-06-18 demands, agrees with the OpenID document',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Overview' },
    { document: 'RFC8414', clause: '3' },
    { document: 'RFC8414', clause: '3.2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-8414-diverges', profile: 'strict' }],
  async run(ctx) {
    const openId = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const { url, status, mediaType, members } = await fetchDocument(ctx, metadataUrl(ctx.nextcloud.baseUrl))
    if (status >= 400 && status < 500) {
      // From 2025-11-25 on one of the two documents is enough.
      if (ctx.revision !== '2025-06-18') {
        return {
          kind: 'not-applicable',
          reason: `there is no RFC 8414 document, and at ${ctx.revision} the OpenID document is enough`,
        }
      }
      return judge([
        {
          id: 'document-absent',
          message: 'there is no RFC 8414 document, the only one that clients of 2025-06-18 look for',
          expected: url,
          observed: status,
        },
      ])
    }
    if (status !== 200 || mediaType !== 'application/json' || members === undefined) {
      return judge([
        {
          id: 'not-a-document',
          message: 'the address of the RFC 8414 document is answered with something else',
          expected: '200 with one JSON object as application/json, or 404',
          observed: { status, mediaType },
        },
      ])
    }
    return judge(compare(members, openId.members), { document: url, members: Object.keys(members).length })
  },
})

/** RFC 8414 §3.1: the well-known part goes before the path of the issuer. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return origin + WELL_KNOWN + pathname.replace(/\/+$/, '')
}

type Members = Readonly<Record<string, unknown>>

function compare(members: Members, openId: Members): Finding[] {
  const findings: Finding[] = []
  const missing = ['issuer', 'authorization_endpoint', 'token_endpoint', 'response_types_supported'].filter(
    (name) => members[name] === undefined,
  )
  if (missing.length > 0) {
    findings.push({ id: 'member-missing', message: `the RFC 8414 document lacks ${missing.join(', ')}` })
  }
  const names = new Set([...Object.keys(members), ...Object.keys(openId)])
  const differing = [...names].filter(
    (name) =>
      (name === 'issuer' || name === 'jwks_uri' || name.endsWith('_endpoint')) &&
      members[name] !== openId[name] &&
      !missing.includes(name),
  )
  const show = (document: Members): Members =>
    Object.fromEntries(differing.map((name) => [name, document[name] ?? 'absent']))
  if (differing.includes('issuer')) {
    findings.push({
      id: 'issuer-differs',
      message: 'the two documents name different issuers',
      expected: openId['issuer'],
      observed: members['issuer'],
    })
  }
  if (differing.some((name) => name !== 'issuer')) {
    findings.push({
      id: 'endpoint-differs',
      message: 'the two documents name different endpoints',
      expected: show(openId),
      observed: show(members),
    })
  }
  return findings
}
