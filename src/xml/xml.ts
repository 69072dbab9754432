import { DOMParser, type Node } from '@xmldom/xmldom'

/** An element of a parsed document. Comments, processing instructions and prefixes are gone. */
export interface XmlElement {
  /** Clark notation: `{namespace}local`, or `local` without a namespace. */
  readonly name: string
  /** By Clark name; namespace declarations are left out. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The element's own text, CDATA included, children's text left out. */
  readonly text: string
}

/** A text that is no well-formed XML document, or one that we do not read (document types, too deep). */
export class XmlSyntaxError extends Error {}

/** Far beyond any WebDAV body; deeper documents are an attack on whoever walks them. */
const MAX_DEPTH = 100
const ELEMENT_NODE = 1
const TEXT_NODES: ReadonlySet<number> = new Set([3, 4])
const XMLNS = 'http://www.w3.org/2000/xmlns/'

/**
 * Reads a document with namespaces. Document types are refused, so that no entity is ever expanded.
 *
 * @throws {XmlSyntaxError}
 */
export function parseXml(text: string): XmlElement {
  if (/<!DOCTYPE/i.test(text)) throw new XmlSyntaxError('document types are not accepted')
  // The parser wraps what is thrown at it in words of its own.
  let reported: string | undefined
  try {
    const parser = new DOMParser({
      onError: (level, message) => {
        // A replacement character is as good as any other.
        if (level === 'warning' && message.startsWith('Unicode replacement character')) return
        reported ??= message
        throw new XmlSyntaxError(message)
      },
    })
    const root = parser.parseFromString(text, 'text/xml').documentElement
    if (root === null) throw new XmlSyntaxError('the document has no element')
    return toElement(root, 1)
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw error
    throw new XmlSyntaxError(reported ?? (error instanceof Error ? error.message : 'not readable'), {
      cause: error,
    })
  }
}

function toElement(node: Node, depth: number): XmlElement {
  if (depth > MAX_DEPTH) throw new XmlSyntaxError(`elements are nested more than ${MAX_DEPTH} deep`)
  const element = node as Node & { attributes: Iterable<NamedNode & { value: string }> }
  const attributes: Record<string, string> = {}
  for (const attribute of element.attributes) {
    if (attribute.namespaceURI !== XMLNS) attributes[clarkName(attribute)] = attribute.value
  }
  const children: XmlElement[] = []
  let text = ''
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === ELEMENT_NODE) children.push(toElement(child, depth + 1))
    else if (TEXT_NODES.has(child.nodeType)) text += child.nodeValue ?? ''
  }
  return { name: clarkName(node), attributes, children, text }
}

interface NamedNode {
  readonly namespaceURI: string | null
  readonly localName: string | null
  readonly nodeName: string
}

function clarkName({ namespaceURI, localName, nodeName }: NamedNode): string {
  return namespaceURI === null || namespaceURI === ''
    ? (localName ?? nodeName)
    : `{${namespaceURI}}${localName ?? nodeName}`
}

/** The first child of that Clark name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

/** All children of that Clark name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The element at the end of a path of Clark names, first match at each step. */
export function descendant(element: XmlElement | undefined, ...names: string[]): XmlElement | undefined {
  return names.reduce<XmlElement | undefined>(childOf, element)
}

/** Text for an element's content or an attribute's value; characters that XML 1.0 has no place for are dropped. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll('\r', '&#13;')
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
