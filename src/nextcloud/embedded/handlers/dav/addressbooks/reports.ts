import { childOf, childrenOf, descendant, type XmlElement } from '../../../../../xml/xml.js'
import type { CardRow } from '../../../address-books.js'
import { badRequest, DavError, forbidden } from '../dav-error.js'
import { multistatus, type DavResource, type MissingResource, type PropertyRequest } from '../multistatus.js'
import { clark } from '../names.js'
import { davHref, depthOf, sentSegments, xmlBody, type DavRequest } from '../request.js'
import { bookNamed, syncTokenNumber, syncTokenUri, type Book } from './books.js'
import { cardFilter } from './query-filter.js'
import { bookHref, cardHref, cardResource, REPORT_STYLE } from './resources.js'

/** What of a card a report is to show. */
interface Wanted {
  readonly properties: PropertyRequest
  /** Names in capitals when address-data is wanted in part. */
  readonly cardProperties: ReadonlySet<string> | undefined
}

/**
 * REPORT on a home (`book` undefined), a book, or a card in it.
 *
 * @throws {DavError} 415 for reports that are not for this resource.
 */
export async function report(request: DavRequest, book?: Book, card?: CardRow): Promise<Response> {
  const body = await xmlBody(request)
  if (body === undefined) throw badRequest('A REPORT needs a body')
  switch (body.name) {
    case clark('card', 'addressbook-query'):
      return query(request, body, book, card)
    case clark('card', 'addressbook-multiget'):
      return multiget(request, body)
    case clark('d', 'sync-collection'):
      if (book !== undefined && card === undefined) return syncCollection(request, body, book)
  }
  throw notSupported('')
}

function notSupported(message: string): DavError {
  return new DavError(415, 'ReportNotSupported', message, { extraXml: '  <d:supported-report/>' })
}

function query(request: DavRequest, body: XmlElement, book?: Book, card?: CardRow): Response {
  const isDeep = depthOf(request, 0) !== 0
  if (!isDeep && card === undefined) {
    throw notSupported('The addressbook-query report is not supported on this url with Depth: 0')
  }
  const wanted = wantedOf(body)
  const matches = cardFilter(childOf(body, clark('card', 'filter')))
  const candidates = isDeep && card === undefined ? Array.from(book?.row.cards.values() ?? []) : [card]
  const found = candidates.filter((each) => each !== undefined && matches(each.data)) as CardRow[]
  const limit = numberOf(descendant(body, clark('card', 'limit'), clark('card', 'nresults')))
  const resources =
    book === undefined ? [] : found.slice(0, limit).map((each) => shown(request, book, each, wanted))
  return multistatus(request, resources, wanted.properties, REPORT_STYLE)
}

function multiget(request: DavRequest, body: XmlElement): Response {
  const wanted = wantedOf(body)
  const resources = childrenOf(body, clark('d', 'href')).map(({ text }) => {
    const segments = sentSegments(request, text.trim())
    return ownCard(request, segments, wanted) ?? { href: davHref(segments, false), status: 404 as const }
  })
  return multistatus(request, resources, wanted.properties, REPORT_STYLE)
}

function ownCard(request: DavRequest, segments: readonly string[], wanted: Wanted): DavResource | undefined {
  const [tree, kind, owner, bookUri, cardUri] = segments
  const isCard =
    tree === 'addressbooks' && kind === 'users' && owner === request.userId && segments.length === 5
  if (!isCard || bookUri === undefined || cardUri === undefined) return undefined
  try {
    const book = bookNamed(request, bookUri)
    const card = book.row.cards.get(cardUri)
    return card === undefined ? undefined : shown(request, book, card, wanted)
  } catch (error) {
    if (error instanceof DavError && error.status === 404) return undefined
    throw error
  }
}

/** RFC 6578: what has changed in the book since a token; without one, everything. */
function syncCollection(request: DavRequest, body: XmlElement, book: Book): Response {
  const { row } = book
  const sent = childOf(body, clark('d', 'sync-token'))?.text.trim() ?? ''
  const since = sent === '' ? -1 : syncTokenNumber(sent)
  if (since === undefined || since > row.syncToken) {
    throw new DavError(403, 'InvalidSyncToken', 'Invalid or unknown sync token', {
      extraXml: '  <d:valid-sync-token/>',
    })
  }
  const level = childOf(body, clark('d', 'sync-level'))?.text.trim() ?? '1'
  if (level !== '1') throw forbidden('Only sync-level 1 is supported')
  const wanted = wantedOf(body)
  const changes: { readonly token: number; readonly resource: DavResource | MissingResource }[] = [
    ...Array.from(row.cards.values(), (card) => ({
      token: card.changedAt,
      resource: shown(request, book, card, wanted),
    })),
    ...(since === -1 ? [] : Array.from(row.deletedAt)).map(([uri, token]) => ({
      token,
      resource: { href: cardHref(request.userId, row.uri, uri), status: 404 as const },
    })),
  ]
    .filter(({ token }) => token > since)
    .sort((a, b) => a.token - b.token)
  const limit = numberOf(descendant(body, clark('d', 'limit'), clark('d', 'nresults')))
  const answered = changes.slice(0, limit)
  const isCut = answered.length < changes.length
  const token = isCut ? (answered.at(-1)?.token ?? Math.max(since, 0)) : row.syncToken
  const rest: MissingResource[] = isCut ? [{ href: bookHref(request.userId, row.uri), status: 507 }] : []
  return multistatus(request, [...answered.map(({ resource }) => resource), ...rest], wanted.properties, {
    ...REPORT_STYLE,
    trailer: `<d:sync-token>${syncTokenUri(token)}</d:sync-token>`,
  })
}

function shown({ userId }: DavRequest, book: Book, card: CardRow, wanted: Wanted): DavResource {
  return cardResource(userId, book, card, wanted.cardProperties)
}

function wantedOf(body: XmlElement): Wanted {
  const prop = childOf(body, clark('d', 'prop'))
  const properties: PropertyRequest =
    prop === undefined
      ? { kind: 'all', include: [] }
      : { kind: 'some', names: prop.children.map(({ name }) => name) }
  const parts = childrenOf(childOf(prop, clark('card', 'address-data')), clark('card', 'prop'))
  const names = parts.map(({ attributes }) => (attributes['name'] ?? '').toUpperCase())
  return { properties, cardProperties: names.length === 0 ? undefined : new Set(names) }
}

/** A limit; one that is no number limits nothing. */
function numberOf(element: XmlElement | undefined): number | undefined {
  const text = element?.text.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
