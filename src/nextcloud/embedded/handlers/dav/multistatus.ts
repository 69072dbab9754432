import { childOf, escapeXml, type XmlElement } from '../../../../xml/xml.js'
import { respond } from '../../responses.js'
import { randomAlphanumeric } from '../oidc/random.js'
import { badRequest, davHeaders } from './dav-error.js'
import { clark, NAMESPACES, splitClark, type Prefix } from './names.js'
import type { DavRequest } from './request.js'

/** Something that PROPFIND and REPORT list. */
export interface DavResource {
  /** Percent-encoded path; see `davHref`. */
  readonly href: string
  /** Content of the property as XML (escape texts), with the prefixes of the answer; `undefined` = it has none such. */
  property(name: string): string | undefined
  /** Clark names that a request for all properties is answered with, as far as the resource has them. */
  readonly allProperties: readonly string[]
}

/** A resource that knows all its properties by Clark name, as XML. */
export function resourceWith(
  href: string,
  properties: Readonly<Record<string, string>>,
  allProperties: readonly string[],
): DavResource {
  const property = (name: string): string | undefined =>
    Object.hasOwn(properties, name) ? properties[name] : undefined
  return { href, property, allProperties }
}

/** A resource of a multiget or a sync that does not exist (404), or a collection whose list was cut (507). */
export interface MissingResource {
  readonly href: string
  readonly status: 404 | 507
}

/** Which properties are asked for. */
export type PropertyRequest =
  | { readonly kind: 'all'; readonly include: readonly string[] }
  | { readonly kind: 'names' }
  | { readonly kind: 'some'; readonly names: readonly string[] }

/** How a part of the DAV tree answers. */
export interface MultistatusStyle {
  /** Prefixes declared at the root element, in this order. */
  readonly prefixes: readonly Prefix[]
  /** Value of the DAV header; REPORT answers go without. */
  readonly features?: string
  /** Default `application/xml; charset=utf-8`. */
  readonly contentType?: string
  /** Default `Brief,Prefer`; `null` sends none. */
  readonly vary?: string | null
  /** XML after the responses, such as a sync token (RFC 6578, 6.2). */
  readonly trailer?: string
}

const STATUS_LINES = { 404: 'HTTP/1.1 404 Not Found', 507: 'HTTP/1.1 507 Insufficient Storage' } as const

/**
 * Reads what a PROPFIND asks for; no body asks for all.
 *
 * @throws {DavError} 400 when the document is no propfind.
 */
export function propertyRequest(body: XmlElement | undefined): PropertyRequest {
  if (body === undefined) return { kind: 'all', include: [] }
  if (body.name !== clark('d', 'propfind')) throw badRequest('The body is not a propfind document')
  const some = childOf(body, clark('d', 'prop'))
  if (some !== undefined) return { kind: 'some', names: some.children.map(({ name }) => name) }
  if (childOf(body, clark('d', 'propname')) !== undefined) return { kind: 'names' }
  const include = childOf(body, clark('d', 'include'))?.children.map(({ name }) => name) ?? []
  return { kind: 'all', include }
}

/** The 207 answer about these resources. */
export function multistatus(
  request: DavRequest,
  resources: readonly (DavResource | MissingResource)[],
  wanted: PropertyRequest,
  style: MultistatusStyle,
): Response {
  const { c } = request
  const isMinimal =
    c.req.header('brief')?.toLowerCase() === 't' || /return[=-]minimal/i.test(c.req.header('prefer') ?? '')
  const writer = new NameWriter(style.prefixes)
  const responses = resources.map((resource) => responseXml(writer, resource, wanted, isMinimal)).join('')
  const body = `<?xml version="1.0"?>\n<d:multistatus ${writer.declarations}>${responses}${style.trailer ?? ''}</d:multistatus>\n`
  return respond(c, 207, body, {
    ...davHeaders(style.contentType ?? 'application/xml; charset=utf-8'),
    ...(style.features === undefined ? {} : { dav: style.features }),
    ...(style.vary === null ? {} : { vary: style.vary ?? 'Brief,Prefer' }),
    'x-debug-token': randomAlphanumeric(20),
  })
}

function responseXml(
  writer: NameWriter,
  resource: DavResource | MissingResource,
  wanted: PropertyRequest,
  isMinimal: boolean,
): string {
  const href = `<d:href>${escapeXml(resource.href)}</d:href>`
  if ('status' in resource)
    return `<d:response>${href}<d:status>${STATUS_LINES[resource.status]}</d:status></d:response>`
  const names =
    wanted.kind === 'some'
      ? wanted.names
      : [...resource.allProperties, ...(wanted.kind === 'all' ? wanted.include : [])]
  let found = ''
  let missing = ''
  for (const name of names) {
    const value = resource.property(name)
    if (value !== undefined) found += writer.element(name, wanted.kind === 'names' ? '' : value)
    else if (wanted.kind === 'some' && !isMinimal) missing += writer.element(name, '')
  }
  const none = found === '' && missing === ''
  return (
    `<d:response>${href}` +
    (found === '' && !none ? '' : propstat(found, '200 OK')) +
    (missing === '' ? '' : propstat(missing, '404 Not Found')) +
    '</d:response>'
  )
}

function propstat(properties: string, status: string): string {
  const prop = properties === '' ? '<d:prop/>' : `<d:prop>${properties}</d:prop>`
  return `<d:propstat>${prop}<d:status>HTTP/1.1 ${status}</d:status></d:propstat>`
}

/** What PROPPATCH did to one property. */
export interface PropertyOutcome {
  readonly name: string
  readonly status: 200 | 403 | 424
}

const OUTCOMES = { 200: '200 OK', 403: '403 Forbidden', 424: '424 Failed Dependency' } as const

/** The 207 answer to PROPPATCH (RFC 4918, 9.2): the names of the properties by what became of them. */
export function proppatchAnswer(
  { c }: DavRequest,
  href: string,
  outcomes: readonly PropertyOutcome[],
  style: Pick<MultistatusStyle, 'prefixes'>,
): Response {
  const writer = new NameWriter(style.prefixes)
  const propstats = ([200, 403, 424] as const).map((status) => {
    const names = outcomes.filter((outcome) => outcome.status === status)
    const elements = names.map(({ name }) => writer.element(name, '')).join('')
    return elements === '' ? '' : propstat(elements, OUTCOMES[status])
  })
  const body =
    `<?xml version="1.0"?>\n<d:multistatus ${writer.declarations}><d:response><d:href>${escapeXml(href)}</d:href>` +
    `${propstats.join('')}</d:response></d:multistatus>\n`
  return respond(c, 207, body, {
    ...davHeaders('application/xml; charset=utf-8'),
    vary: 'Brief,Prefer',
    'x-debug-token': randomAlphanumeric(20),
  })
}

/** Writes names with the prefixes of the root element; other namespaces are declared where they occur (x1, x2 …). */
class NameWriter {
  readonly #prefixes = new Map<string, string>()
  readonly #strangers = new Map<string, string>()
  readonly declarations: string

  constructor(prefixes: readonly Prefix[]) {
    for (const prefix of prefixes) this.#prefixes.set(NAMESPACES[prefix], prefix)
    this.declarations = prefixes.map((prefix) => `xmlns:${prefix}="${NAMESPACES[prefix]}"`).join(' ')
  }

  /** @param content XML */
  element(name: string, content: string): string {
    const { namespace, local } = splitClark(name)
    const tag = this.#tag(namespace, local)
    const start = tag.declaration === '' ? tag.name : `${tag.name} ${tag.declaration}`
    return content === '' ? `<${start}/>` : `<${start}>${content}</${tag.name}>`
  }

  #tag(namespace: string, local: string): { readonly name: string; readonly declaration: string } {
    const known = this.#prefixes.get(namespace)
    if (known !== undefined) return { name: `${known}:${local}`, declaration: '' }
    if (namespace === '') return { name: local, declaration: 'xmlns=""' }
    const prefix = this.#strangers.get(namespace) ?? `x${this.#strangers.size + 1}`
    this.#strangers.set(namespace, prefix)
    return { name: `${prefix}:${local}`, declaration: `xmlns:${prefix}="${escapeXml(namespace)}"` }
  }
}
