import { defineCheck, judge, type Finding } from '../check.js'
import { fetchDiscoveryDocument } from '../support/discovery-document.js'

const REQUIRED_URLS = ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri']
/** Member to a value that its list must hold; `undefined` for any. */
const REQUIRED_LISTS: Readonly<Record<string, string | undefined>> = {
  response_types_supported: 'code',
  subject_types_supported: undefined,
  id_token_signing_alg_values_supported: 'RS256',
}
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** A client library gives up at the first member that is not there. */
export const requiredFields = defineCheck({
  id: 'discovery.required-fields',
  suite: 'discovery',
  title: 'The discovery document has every required member, with https URLs of one origin off loopback',
  level: 'MUST',
  source: [
    { document: 'OIDC-Discovery', clause: '3' },
    { document: 'RFC8414', clause: '2' },
    { document: 'MCP-Authorization', clause: 'Communication Security' },
  ],
  modes: ['nextcloud'],
  // No client library goes on without it.
  mutants: [{ id: 'n-discovery-no-jwks-uri', alsoNotTestable: '*' }],
  async run(ctx) {
    const { members, url } = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const endpoints = Object.entries(members).filter(
      ([name]) => REQUIRED_URLS.includes(name) || name.endsWith('_endpoint'),
    )
    const urls = endpoints.filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && URL.canParse(entry[1]),
    )
    const findings = [
      ...judgePresence(members),
      ...judgeTypes(members, endpoints),
      ...judgeValues(members),
      ...judgeUrls(urls),
    ]
    const protocols = [...new Set(urls.map(([, each]) => new URL(each).protocol))]
    return judge(findings, { document: url, members: Object.keys(members).length, protocols })
  },
})

type Members = Readonly<Record<string, unknown>>

function judgePresence(members: Members): Finding[] {
  const missing = [...REQUIRED_URLS, ...Object.keys(REQUIRED_LISTS)].filter(
    (name) => members[name] === undefined,
  )
  if (missing.length === 0) return []
  return [{ id: 'member-missing', message: `the document lacks ${missing.join(', ')}`, observed: missing }]
}

function judgeTypes(members: Members, endpoints: readonly (readonly [string, unknown])[]): Finding[] {
  const wrong = [
    ...endpoints.filter(([, value]) => typeof value !== 'string' || !URL.canParse(value)),
    ...Object.entries(members).filter(([name, value]) =>
      name.endsWith('_parameter_supported')
        ? typeof value !== 'boolean'
        : name.endsWith('_supported') && !isTextList(value),
    ),
  ]
  if (wrong.length === 0) return []
  return [
    {
      id: 'member-of-wrong-type',
      message: `${wrong.map(([name]) => name).join(', ')} of the wrong JSON type`,
      expected: 'URLs, lists of strings, booleans',
      observed: Object.fromEntries(wrong),
    },
  ]
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
}

function judgeValues(members: Members): Finding[] {
  const lacking = Object.entries(REQUIRED_LISTS).filter(([name, needed]) => {
    const list = members[name]
    return needed !== undefined && isTextList(list) && !list.includes(needed)
  })
  return lacking.map(([name, needed]) => ({
    id: name === 'response_types_supported' ? 'code-not-supported' : 'rs256-not-supported',
    message: `${name} does not list ${String(needed)}`,
    expected: needed,
    observed: members[name],
  }))
}

function judgeUrls(urls: readonly (readonly [string, string])[]): Finding[] {
  const findings: Finding[] = []
  const issuer = urls.find(([name]) => name === 'issuer')?.[1]
  const insecure = urls.filter(([, url]) => {
    const { protocol, hostname } = new URL(url)
    return protocol !== 'https:' && !LOOPBACK.test(hostname)
  })
  if (insecure.length > 0) {
    findings.push({
      id: 'url-not-https',
      message: 'an address off loopback is not https',
      expected: 'https',
      observed: Object.fromEntries(insecure),
    })
  }
  if (issuer === undefined) return findings
  const { origin, search, hash } = new URL(issuer)
  if (search !== '' || hash !== '') {
    findings.push({
      id: 'issuer-with-query',
      message: 'the issuer has a query or a fragment',
      observed: issuer,
    })
  }
  const foreign = urls.filter(([, url]) => new URL(url).origin !== origin)
  if (foreign.length > 0) {
    findings.push({
      id: 'url-of-another-origin',
      // No text demands one origin; endpoints on a second name of the same instance are a mistake all the same.
      level: 'SHOULD',
      message: 'an endpoint has another origin than the issuer',
      expected: origin,
      observed: Object.fromEntries(foreign),
    })
  }
  return findings
}
