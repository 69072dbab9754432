import { childOf, childrenOf, descendant, type XmlElement } from '../../../../../xml/xml.js'
import { descendants, fileTreeOf, sizeOf, type FileTree, type TreeNode } from '../../../file-tree.js'
import { mediaTypeOf } from '../../../media-types.js'
import { badRequest, notFound } from '../dav-error.js'
import { multistatus } from '../multistatus.js'
import { clark } from '../names.js'
import { sentSegments, xmlBody, DAV_BASE, DAV_MOUNT, type DavRequest } from '../request.js'
import { fileResource } from './properties.js'

type Value = string | number

/** What can be asked for and sorted by: Clark name to the value of a node. */
const SEARCHABLE: ReadonlyMap<string, (node: TreeNode) => Value> = new Map<string, (node: TreeNode) => Value>(
  [
    [clark('d', 'displayname'), ({ name }) => name],
    [
      clark('d', 'getcontenttype'),
      (node) => (node.kind === 'file' ? mediaTypeOf(node.name) : 'httpd/unix-directory'),
    ],
    [clark('d', 'getlastmodified'), ({ mtimeSeconds }) => mtimeSeconds],
    [clark('d', 'getcontentlength'), sizeOf],
    [clark('oc', 'size'), sizeOf],
    [clark('oc', 'fileid'), ({ id }) => id],
    [clark('oc', 'favorite'), ({ favorite }) => (favorite ? 1 : 0)],
    [clark('nc', 'creation_time'), ({ createdSeconds }) => createdSeconds],
    [clark('nc', 'upload_time'), ({ createdSeconds }) => createdSeconds],
  ],
)

type Test = (node: TreeNode) => boolean

/**
 * SEARCH with a basicsearch (RFC 5323) over the caller's files. A request that is not understood as a whole is refused:
 * one that ignored a condition would find too much.
 *
 * @throws {DavError} 400, 404 for a scope that is not there
 */
export async function searchFiles(request: DavRequest): Promise<Response> {
  const body = await xmlBody(request)
  const search = childOf(body, clark('d', 'basicsearch'))
  if (body?.name !== clark('d', 'searchrequest') || search === undefined) {
    throw badRequest('The body is not a searchrequest with a basicsearch')
  }
  const where = childOf(search, clark('d', 'where'))?.children ?? []
  const test = where[0] === undefined ? () => true : testOf(where[0])
  const found = scopeNodes(request, search).filter(test).sort(orderOf(search))
  const page = found.slice(firstOf(search), firstOf(search) + limitOf(search))
  const names = descendant(search, clark('d', 'select'), clark('d', 'prop'))?.children.map(({ name }) => name)
  const wanted =
    names === undefined ? ({ kind: 'all', include: [] } as const) : ({ kind: 'some', names } as const)
  const resources = page.map((node) => fileResource(request, node))
  return multistatus(request, resources, wanted, {
    prefixes: ['d', 's', 'oc', 'nc'],
    contentType: 'application/xml; charset="utf-8"',
    vary: null,
  })
}

/** All nodes below the scopes, the scopes themselves left out. */
function scopeNodes(request: DavRequest, search: XmlElement): TreeNode[] {
  const tree = fileTreeOf(request.ctx, request.userId)
  const scopes = childrenOf(childOf(search, clark('d', 'from')), clark('d', 'scope'))
  if (scopes.length === 0) throw badRequest('A basicsearch needs a scope')
  const found = new Set<TreeNode>()
  for (const scope of scopes) {
    const top = scopeOf(request, tree, childOf(scope, clark('d', 'href'))?.text.trim() ?? '')
    const depth = childOf(scope, clark('d', 'depth'))?.text.trim() ?? 'infinity'
    for (const node of descendants(top)) {
      if (node !== top && (depth === 'infinity' || (depth === '1' && node.parent === top))) found.add(node)
    }
  }
  return Array.from(found).sort((a, b) => a.id - b.id)
}

function scopeOf(request: DavRequest, tree: FileTree, href: string): TreeNode {
  // Both forms are in use: relative to the DAV server, and as hrefs of answers have it.
  const path = href.includes('/remote.php/') ? href : `${DAV_BASE}/${href}`
  const [root, owner, ...names] = sentSegments(request, path, DAV_MOUNT)
  const node = root === 'files' && owner === request.userId ? tree.at(names) : undefined
  if (node === undefined) throw notFound('Search scope not found')
  return node
}

function testOf(condition: XmlElement): Test {
  const operands = condition.children
  switch (condition.name) {
    case clark('d', 'and'): {
      const tests = operands.map(testOf)
      return (node) => tests.every((test) => test(node))
    }
    case clark('d', 'or'): {
      const tests = operands.map(testOf)
      return (node) => tests.some((test) => test(node))
    }
    case clark('d', 'not'): {
      const [operand] = operands
      if (operand === undefined) throw badRequest('not needs a condition')
      const test = testOf(operand)
      return (node) => !test(node)
    }
    case clark('d', 'is-collection'):
      return (node) => node.kind === 'folder'
    default:
      return comparisonOf(condition)
  }
}

function comparisonOf(condition: XmlElement): Test {
  const name = childOf(condition, clark('d', 'prop'))?.children[0]?.name ?? ''
  const valueOf = SEARCHABLE.get(name)
  if (valueOf === undefined) throw badRequest(`The property ${name} cannot be searched`)
  const literal = childOf(condition, clark('d', 'literal'))?.text ?? ''
  switch (condition.name) {
    case clark('d', 'like'):
    case clark('d', 'contains'): {
      const pattern = condition.name === clark('d', 'like') ? literal : `%${literal}%`
      return (node) => isLike(String(valueOf(node)), pattern)
    }
    case clark('d', 'eq'):
      return (node) => compare(valueOf(node), literal) === 0
    case clark('d', 'gt'):
      return (node) => compare(valueOf(node), literal) > 0
    case clark('d', 'gte'):
      return (node) => compare(valueOf(node), literal) >= 0
    case clark('d', 'lt'):
      return (node) => compare(valueOf(node), literal) < 0
    case clark('d', 'lte'):
      return (node) => compare(valueOf(node), literal) <= 0
    default:
      throw badRequest(`The condition ${condition.name} is not known`)
  }
}

/**
 * SQL's LIKE without letter case: `%` stands for any text, `_` for one character. Linear in practice: after each `%` the
 * first place that fits is the best.
 */
function isLike(text: string, pattern: string): boolean {
  const [characters, wanted] = [Array.from(text.toLowerCase()), Array.from(pattern.toLowerCase())]
  let [at, from] = [0, 0]
  let [lastPercent, resume] = [-1, 0]
  while (at < characters.length) {
    if (wanted[from] === '%') {
      lastPercent = from++
      resume = at
    } else if (from < wanted.length && (wanted[from] === '_' || wanted[from] === characters[at])) {
      at += 1
      from += 1
    } else if (lastPercent >= 0) {
      from = lastPercent + 1
      at = ++resume
    } else return false
  }
  while (wanted[from] === '%') from += 1
  return from === wanted.length
}

/** Numbers by size (times also as ISO or HTTP dates), texts by code units; NaN when they cannot be compared. */
function compare(value: Value, literal: string): number {
  if (typeof value === 'string') return value === literal ? 0 : value < literal ? -1 : 1
  const number = literal.trim() === '' ? NaN : Number(literal)
  const wanted = Number.isNaN(number) ? Date.parse(literal) / 1000 : number
  return value - wanted
}

function orderOf(search: XmlElement): (a: TreeNode, b: TreeNode) => number {
  const orders = childrenOf(childOf(search, clark('d', 'orderby')), clark('d', 'order')).map((order) => {
    const name = childOf(order, clark('d', 'prop'))?.children[0]?.name ?? ''
    const valueOf = SEARCHABLE.get(name)
    if (valueOf === undefined) throw badRequest(`The property ${name} cannot be sorted by`)
    return { valueOf, sign: childOf(order, clark('d', 'descending')) === undefined ? 1 : -1 }
  })
  return (a, b) => {
    for (const { valueOf, sign } of orders) {
      const [left, right] = [valueOf(a), valueOf(b)]
      if (left !== right) return left < right ? -sign : sign
    }
    return 0
  }
}

function limitOf(search: XmlElement): number {
  return countOf(descendant(search, clark('d', 'limit'), clark('d', 'nresults'))) ?? Infinity
}

/** Nextcloud's extension for paging. */
function firstOf(search: XmlElement): number {
  return countOf(descendant(search, clark('d', 'limit'), clark('nc', 'firstresult'))) ?? 0
}

function countOf(element: XmlElement | undefined): number | undefined {
  const text = element?.text.trim()
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw badRequest('A limit must be a number')
  return Number(text)
}
