import { childOf, descendant } from '../../../../../xml/xml.js'
import { descendants, pathOf, type TreeNode } from '../../../file-tree.js'
import { badRequest, DavError } from '../dav-error.js'
import { multistatus } from '../multistatus.js'
import { clark } from '../names.js'
import { xmlBody, type DavRequest } from '../request.js'
import { fileResource } from './properties.js'

/**
 * REPORT: ownCloud's filter-files for favourites below a folder.
 *
 * @throws {DavError} 400, 415 for other reports
 */
export async function reportFiles(request: DavRequest, node: TreeNode): Promise<Response> {
  const body = await xmlBody(request)
  if (body === undefined) throw badRequest('A REPORT needs a body')
  if (body.name !== clark('oc', 'filter-files')) {
    throw new DavError(415, 'ReportNotSupported', '', { extraXml: '  <d:supported-report/>' })
  }
  const favorite = descendant(body, clark('oc', 'filter-rules'), clark('oc', 'favorite'))?.text.trim()
  if (favorite !== '0' && favorite !== '1')
    throw badRequest('A filter-files report needs a rule about favorite')
  const found = Array.from(descendants(node)).filter(
    (each) => each !== node && each.favorite === (favorite === '1'),
  )
  const names = childOf(body, clark('d', 'prop'))?.children.map(({ name }) => name) ?? []
  const resources = found.map((each) => fileResource(request, each, pathOf(each)))
  return multistatus(request, resources, { kind: 'some', names }, { prefixes: ['d', 's', 'oc', 'nc'] })
}
