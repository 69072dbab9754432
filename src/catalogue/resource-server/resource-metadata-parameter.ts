import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import type { BearerChallenge } from '../support/challenge.js'
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
  title:
    'The challenges to a missing and to a bad token name the protected resource metadata document, which is there',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Authorization Server Location' },
    { document: 'MCP-Authorization', clause: 'Protected Resource Metadata Discovery Requirements' },
    { document: 'RFC9728', clause: '5.1' },
  ],
  modes: ['oauth'],
  mutants: [
    { id: 's-no-resource-metadata', alsoRed: ['rs.scope.insufficient', 'rs.scope.resources'] },
    { id: 's-prm-missing-on-bad-token' },
  ],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const without = await askForChallenge(ctx, url)
    if (without.status !== 401 || without.challenge === undefined) {
      return notTestable(
        `a request without a token is answered with ${without.status} and no Bearer challenge`,
      )
    }
    const token = randomBytes(54).toString('base64url')
    ctx.secret('access_token', token)
    const bad = await askForChallenge(ctx, url, token)
    const findings = [
      ...(await judgeChallenge(ctx, url, WITHOUT_TOKEN, without.challenge)),
      // Whether a bad token gets 401 at all is another check's; a 401 without any challenge is one without the parameter.
      ...(bad.status === 401 ? await judgeChallenge(ctx, url, BAD_TOKEN, bad.challenge) : []),
    ]
    if (bad.status !== 401 && findings.length === 0) {
      return notTestable(`a bad token is answered with ${bad.status} and not with 401`)
    }
    return judge(findings, {
      'no token': namedDocument(without.challenge),
      'bad token': bad.status === 401 ? namedDocument(bad.challenge) : bad.status,
    })
  },
})

/** One kind of request that is answered with 401: what its findings are called, and what its challenge is to. */
interface Situation {
  readonly suffix: string
  readonly request: string
}

const WITHOUT_TOKEN: Situation = { suffix: '', request: 'a request without a token' }
const BAD_TOKEN: Situation = { suffix: '-on-bad-token', request: 'a request with a bad token' }

async function judgeChallenge(
  ctx: CheckContext,
  url: string,
  { suffix, request }: Situation,
  challenge: BearerChallenge | undefined,
): Promise<Finding[]> {
  const parameter = challenge?.parameters.get('resource_metadata')
  if (parameter === undefined) return [await missingParameter(ctx, url, { suffix, request })]
  const findings: Finding[] = []
  if (!parameter.quoted) {
    findings.push({
      id: `resource-metadata-not-quoted${suffix}`,
      message: `in the answer to ${request} resource_metadata is not a quoted-string, which a URL needs (RFC 9110 §11.2)`,
      observed: parameter.value,
    })
  }
  const document = URL.canParse(parameter.value) ? await fetchMetadata(ctx, parameter.value) : undefined
  if (document === undefined || !isDocument(document)) {
    findings.push({
      id: `no-document-at-resource-metadata${suffix}`,
      message: `the URL in resource_metadata of the answer to ${request} does not give a JSON document without a token`,
      expected: 200,
      observed: { url: parameter.value, status: document?.status ?? 'no absolute URL' },
    })
  }
  return findings
}

async function missingParameter(
  ctx: CheckContext,
  url: string,
  { suffix, request }: Situation,
): Promise<Finding> {
  const candidates = [metadataUrlOf(url), rootMetadataUrlOf(url)]
  const documents = await Promise.all(candidates.map((candidate) => fetchMetadata(ctx, candidate)))
  const found = documents.find(isDocument)?.url
  const isEnough = ctx.revision >= '2025-11-25' && found !== undefined
  const missing = `the challenge to ${request} has no resource_metadata`
  return {
    id: `resource-metadata-missing${suffix}`,
    message: isEnough ? `${missing}; clients must guess the well-known path` : missing,
    expected: `resource_metadata="${metadataUrlOf(url)}"`,
    observed: { wellKnownDocument: found ?? 'none' },
    ...(isEnough ? { level: 'SHOULD' as const } : {}),
  }
}

function namedDocument(challenge: BearerChallenge | undefined): string {
  return challenge?.parameters.get('resource_metadata')?.value ?? 'none'
}
