import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { parseBearerChallenge } from '../support/challenge.js'
import { Findings } from '../support/findings.js'
import { readJsonObject } from '../support/json.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'

/** Where clients look for the metadata of a resource (RFC 9728 §3.1) and of an issuer (RFC 8414 §3, OIDC Discovery §4). */
const WELL_KNOWN = ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration'] as const

/** A client that finds such a document starts a login that leads nowhere. */
export const noOAuthMetadata = defineCheck({
  id: 'basic.no-oauth-metadata',
  suite: 'basic-auth',
  title: 'In basic mode nothing points a client to OAuth: no metadata document, no Bearer challenge',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the modes exclude each other' },
    { document: 'RFC9728', clause: '3' },
  ],
  modes: ['basic'],
  mutants: [{ id: 's-prm-in-basic' }],
  async run(ctx) {
    const { url } = ctx.target('basic')
    await using session = await McpSession.open(ctx, url)
    const findings = new Findings()
    const statuses: Record<string, number> = {}
    for (const documentUrl of documentUrls(url)) {
      const { pathname } = new URL(documentUrl)
      statuses[pathname] = await judgeDocument(ctx, findings, documentUrl)
    }
    const answers = {
      initialize: await ctx.mcp.probe(url, { body: initializeMessage(ctx.revision) }),
      'unknown session': await session.request('ping', {}, { sessionId: 'ncmc-no-such-session' }),
      'no session': await ctx.mcp.probe(url, { body: { jsonrpc: '2.0', id: 2, method: 'tools/list' } }),
    }
    for (const [name, { status, headers }] of Object.entries(answers)) {
      judgeChallenge(findings, `${name}: ${status}`, headers)
    }
    const started = answers.initialize.sessionId
    if (started !== undefined) await ctx.mcp.probe(url, { method: 'DELETE', sessionId: started })
    if (answers.initialize.message?.result === undefined) {
      return notTestable(`positive control: initialize is answered with status ${answers.initialize.status}`)
    }
    return judge(findings.list(), statuses)
  },
})

/** Each document after the host with the endpoint's path behind it, at the root, and below the endpoint. */
function documentUrls(endpoint: string): readonly string[] {
  const { origin, pathname } = new URL(endpoint)
  const path = pathname.replace(/\/$/, '')
  return WELL_KNOWN.flatMap((name) => {
    const wellKnown = `/.well-known/${name}`
    return [...new Set([wellKnown + path, wellKnown, path + wellKnown])].map((place) => origin + place)
  })
}

async function judgeDocument(ctx: CheckContext, findings: Findings, url: string): Promise<number> {
  const response = await ctx.fetch(url, { headers: { accept: 'application/json' } })
  const { status, headers } = response
  const members = await readJsonObject(response)
  const observed = `${new URL(url).pathname}: ${status}`
  judgeChallenge(findings, observed, headers)
  if (status === 404) return status
  if (response.ok && ('resource' in members || 'issuer' in members)) {
    findings.add({
      id: 'metadata-served',
      message: 'a metadata document is served in basic mode',
      expected: 404,
      observed,
    })
  } else {
    findings.add({
      id: 'metadata-path-without-404',
      message: 'the place of a metadata document is not answered with 404',
      expected: 404,
      observed,
      // Clients look on unless it is a document.
      ...(response.ok ? {} : { level: 'SHOULD' as const }),
    })
  }
  return status
}

function judgeChallenge(findings: Findings, observed: string, headers: Headers): void {
  if (parseBearerChallenge(headers.get('www-authenticate')) === undefined) return
  findings.add({
    id: 'bearer-challenge-sent',
    message: 'an answer asks for a bearer token',
    expected: 'no Bearer challenge',
    observed,
  })
}
