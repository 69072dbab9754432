import { defineCheck, judge, notTestable } from '../check.js'
import { fetchMetadata, findMetadata, isDocument, rootMetadataUrlOf } from '../support/resource-metadata.js'

/** A client asks for tokens for what stands here, and must discard a document that names another resource. */
export const prmResourceIdentical = defineCheck({
  id: 'rs.prm.resource-identical',
  suite: 'resource-server',
  title: 'The metadata document names exactly the MCP endpoint as its resource',
  level: 'MUST',
  source: [
    { document: 'RFC9728', clause: '3.3' },
    { document: 'MCP-Authorization', clause: 'Canonical Server URI' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-prm-resource-root' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const document = await findMetadata(ctx, url)
    if (document === undefined) return notTestable('there is no protected resource metadata document')
    const resource = document.members['resource']
    const hasRootCopy = isDocument(await fetchMetadata(ctx, rootMetadataUrlOf(url)))
    return judge(
      resource === url
        ? []
        : [
            {
              id: typeof resource === 'string' ? 'resource-differs' : 'resource-missing',
              message: 'the metadata document does not name the MCP endpoint as its resource',
              expected: url,
              observed: resource ?? null,
            },
          ],
      { document: document.url, resource, rootCopy: hasRootCopy },
    )
  },
})
