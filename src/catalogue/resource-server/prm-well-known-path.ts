import { defineCheck, judge, type Finding } from '../check.js'
import { fetchMetadata, metadataUrlOf } from '../support/resource-metadata.js'

/** RFC 9728 inserts the well-known part between host and path; appending it is the usual mistake. */
export const prmWellKnownPath = defineCheck({
  id: 'rs.prm.well-known-path',
  suite: 'resource-server',
  title: 'The protected resource metadata document is at the path that RFC 9728 forms from the MCP endpoint',
  level: 'MUST',
  source: [
    { document: 'RFC9728', clause: '3.1' },
    { document: 'RFC9728', clause: '3.2' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-prm-suffix-appended' }],
  async run(ctx) {
    const url = metadataUrlOf(ctx.target('oauth').url)
    const { status, contentType, members } = await fetchMetadata(ctx, url)
    if (status !== 200) {
      return judge([
        {
          id: 'not-at-well-known-path',
          message: `there is no metadata document at ${url}`,
          expected: 200,
          observed: status,
        },
      ])
    }
    const findings: Finding[] = []
    if (contentType !== 'application/json' || Object.keys(members).length === 0) {
      findings.push({
        id: 'not-json',
        message: 'the metadata document is not a JSON object of type application/json',
        expected: 'application/json',
        observed: contentType,
      })
    }
    const empty = Object.keys(members).filter((name) => isEmptyArray(members[name]))
    if (empty.length > 0) {
      findings.push({
        id: 'empty-array-member',
        message: `members without values must be left out: ${empty.join(', ')}`,
        observed: empty,
      })
    }
    return judge(findings, { url, members: Object.keys(members) })
  },
})

function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
