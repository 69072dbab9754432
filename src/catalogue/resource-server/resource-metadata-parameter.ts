import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import {
  askForChallenge,
  fetchMetadata,
  isDocument,
  metadataUrlOf,
  rootMetadataUrlOf,
} from '../support/resource-metadata.js'

/**
 * The parameter by which a client finds the authorization server. Since 2025-11-25 the well-known document alone
 * will do, so that a missing parameter is then a matter of SHOULD.
 */
export const resourceMetadataParameter = defineCheck({
  id: 'rs.www-authenticate.resource-metadata',
  suite: 'resource-server',
  title: 'The challenge names the protected resource metadata document, which can be fetched there',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Authorization Server Location' },
    { document: 'MCP-Authorization', clause: 'Protected Resource Metadata Discovery Requirements' },
    { document: 'RFC9728', clause: '5.1' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-no-resource-metadata', alsoRed: ['rs.scope.insufficient'] }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const { status, challenge } = await askForChallenge(ctx, url)
    if (status !== 401 || challenge === undefined) {
      return notTestable(`a request without a token is answered with ${status} and no Bearer challenge`)
    }
    const parameter = challenge.parameters.get('resource_metadata')
    if (parameter === undefined) return judge([await missingParameter(ctx, url)])

    const findings: Finding[] = []
    if (!parameter.quoted) {
      findings.push({
        id: 'resource-metadata-not-quoted',
        message: 'resource_metadata is not a quoted-string, which a URL needs (RFC 9110 §11.2)',
        observed: parameter.value,
      })
    }
    const document = URL.canParse(parameter.value) ? await fetchMetadata(ctx, parameter.value) : undefined
    if (document === undefined || !isDocument(document)) {
      findings.push({
        id: 'no-document-at-resource-metadata',
        message: 'the URL in resource_metadata does not give a JSON document without a token',
        expected: 200,
        observed: { url: parameter.value, status: document?.status ?? 'no absolute URL' },
      })
    }
    return judge(findings, { resource_metadata: parameter.value })
  },
})

async function missingParameter(ctx: CheckContext, url: string): Promise<Finding> {
  const candidates = [metadataUrlOf(url), rootMetadataUrlOf(url)]
  const documents = await Promise.all(candidates.map((candidate) => fetchMetadata(ctx, candidate)))
  const found = documents.find(isDocument)?.url
  const isEnough = ctx.revision >= '2025-11-25' && found !== undefined
  return {
    id: 'resource-metadata-missing',
    message: isEnough
      ? 'the challenge has no resource_metadata; clients must guess the well-known path'
      : 'the challenge has no resource_metadata',
    expected: `resource_metadata="${metadataUrlOf(url)}"`,
    observed: { wellKnownDocument: found ?? 'none' },
    ...(isEnough ? { level: 'SHOULD' as const } : {}),
  }
}
