import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { findServerMetadata } from '../support/authorization-server-metadata.js'
import { findMetadata } from '../support/resource-metadata.js'

/** The step from the server to whoever issues its tokens: a client has nothing else to go by. */
export const prmAuthorizationServers = defineCheck({
  id: 'rs.prm.authorization-servers',
  suite: 'resource-server',
  title:
    'The metadata lists authorization servers, and each has metadata, reachable for clients, of that issuer',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Authorization Server Location' },
    { document: 'RFC9728', clause: '2' },
    { document: 'RFC8414', clause: '3.3' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-prm-internal-issuer' }],
  async run(ctx) {
    const document = await findMetadata(ctx, ctx.target('oauth').url)
    if (document === undefined) return notTestable('no protected resource metadata document is found')
    const listed = document.members['authorization_servers']
    if (!Array.isArray(listed) || listed.length === 0) {
      return judge([
        {
          id: 'no-authorization-server',
          message: 'the metadata document lists no authorization server',
          expected: 'authorization_servers with at least one issuer',
          observed: listed === undefined ? 'absent' : listed,
        },
      ])
    }
    const judged = await Promise.all(listed.map((entry: unknown) => judgeEntry(ctx, entry)))
    return judge(
      judged.flatMap((finding) => finding ?? []),
      { authorization_servers: listed },
    )
  },
})

async function judgeEntry(ctx: CheckContext, entry: unknown): Promise<Finding | undefined> {
  if (typeof entry !== 'string' || !URL.canParse(entry)) {
    return {
      id: 'not-an-issuer',
      message: 'an authorization server is listed that is no URL',
      observed: entry,
    }
  }
  const found = await findServerMetadata(ctx, entry)
  if (found === undefined) {
    return {
      id: 'server-metadata-not-found',
      message: 'a client finds no metadata of an authorization server that is listed',
      expected: 'a document at one of its well-known URLs',
      observed: entry,
    }
  }
  if (found.members['issuer'] === entry) return undefined
  return {
    id: 'other-issuer',
    message:
      'the metadata of an authorization server that is listed names another issuer; clients must not use it',
    expected: entry,
    observed: found.members['issuer'],
  }
}
