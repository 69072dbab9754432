import { escapeXml } from '../../../../../xml/xml.js'
import type { EmbeddedContext } from '../../../context.js'
import type { FileTree, TreeNode } from '../../../file-tree.js'
import { proppatchAnswer } from '../multistatus.js'
import { clark } from '../names.js'
import { outcomesOf, propertyUpdate, type PropertyChange } from '../property-update.js'
import { xmlBody, type DavRequest } from '../request.js'
import { fileHref } from './place.js'
import { isLiveProperty } from './properties.js'

const FAVORITE = clark('oc', 'favorite')
const MODIFIED = new Set([clark('d', 'lastmodified'), clark('d', 'getlastmodified')])

/** PROPPATCH: favourites, times, and properties that are only kept. */
export async function patchProperties(
  request: DavRequest,
  tree: FileTree,
  node: TreeNode,
  path: readonly string[],
): Promise<Response> {
  const changes = propertyUpdate(await xmlBody(request))
  const refused = new Set(changes.filter(isRefused).map(({ name }) => name))
  const outcomes = outcomesOf(changes, (name) => refused.has(name))
  if (refused.size === 0) applyChanges(request.ctx, tree, node, changes)
  const href = fileHref(request, path, node.kind === 'folder')
  return proppatchAnswer(request, href, outcomes, { prefixes: ['d', 's', 'oc', 'nc'] })
}

/** Live properties but for a few, values that mean nothing to those few, and values that are more than text. */
export function isRefused({ name, value }: PropertyChange): boolean {
  if (MODIFIED.has(name)) return timeOf(value) === undefined
  if (name === FAVORITE) return value !== null && !/^[01]?$/.test(value.text.trim())
  return isLiveProperty(name) || (value !== null && value.children.length > 0)
}

/** Makes changes of which none `isRefused`. */
export function applyChanges(
  ctx: EmbeddedContext,
  tree: FileTree,
  node: TreeNode,
  changes: readonly PropertyChange[],
): void {
  const nowSeconds = ctx.clock.nowSeconds()
  for (const change of changes) {
    const { name, value } = change
    if (MODIFIED.has(name)) tree.touch(node, { mtimeSeconds: timeOf(value) ?? nowSeconds }, nowSeconds)
    else if (name === FAVORITE) tree.touch(node, { favorite: value?.text.trim() === '1' }, nowSeconds)
    else if (value === null) node.deadProperties.delete(name)
    else node.deadProperties.set(name, escapeXml(value.text))
  }
}

/** Seconds of a Unix time or an HTTP date. */
function timeOf(value: PropertyChange['value']): number | undefined {
  const text = value?.text.trim() ?? ''
  if (/^\d{1,11}$/.test(text)) return Number(text)
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) || milliseconds < 0 ? undefined : Math.floor(milliseconds / 1000)
}
