import type { CardRow } from '../../../address-books.js'
import { collectionPage, optionsAnswer } from '../answers.js'
import { ALLOWED_METHODS, DavError, forbidden, notFound, notImplemented } from '../dav-error.js'
import { multistatus, propertyRequest, type DavResource } from '../multistatus.js'
import { depthOf, xmlBody, type DavRequest } from '../request.js'
import type { DavRoot } from '../routes.js'
import { handleBook, makeBook } from './book.js'
import { bookNamed, booksOf, type Book } from './books.js'
import { handleCard, putCard } from './card.js'
import { report } from './reports.js'
import {
  bookResource,
  cardResource,
  FEATURES,
  homeResource,
  plainCollection,
  PROPFIND_STYLE,
} from './resources.js'

/** Contacts (CardDAV, RFC 6352): `addressbooks/users/<id>/<book>/<card>`. */
export const addressBooksRoot: DavRoot = {
  name: 'addressbooks',
  async handle(request) {
    const { segments, userId } = request
    const [, kind, owner, bookUri, cardUri, below] = segments
    if (kind !== undefined && kind !== 'users') throw notFound(`File not found: ${kind} in 'addressbooks'`)
    if (owner === undefined) return handleAbove(request)
    if (owner !== userId) throw othersHome(request, owner, bookUri)
    if (bookUri === undefined) return handleHome(request)
    if (request.method === 'MKCOL' && cardUri === undefined) return makeBook(request, bookUri)
    const book = bookNamed(request, bookUri)
    if (cardUri === undefined) return (await common(request, book)) ?? handleBook(request, book)
    if (below !== undefined) throw notFound('Card not found')
    if (request.method === 'PUT') return putCard(request, book, cardUri)
    const card = book.row.cards.get(cardUri)
    return (
      (card === undefined ? undefined : await common(request, book, card)) ??
      handleCard(request, book, cardUri, card)
    )
  },
}

/** Whoever asks for another's books is told that there are none. */
function othersHome({ ctx }: DavRequest, owner: string, bookUri: string | undefined): DavError {
  if (!ctx.store.users.has(owner)) return notFound(`Principal with name ${owner} not found`)
  return bookUri === undefined
    ? notFound(`Node with name '${owner}' could not be found`)
    : notFound(`Addressbook with name '${bookUri}' could not be found`)
}

/** `addressbooks/` and `addressbooks/users/`. */
async function handleAbove(request: DavRequest): Promise<Response> {
  const { segments, userId, method, c } = request
  if (method === 'OPTIONS') return optionsAnswer(c, FEATURES)
  if (method === 'GET' || method === 'HEAD') return collectionPage(c)
  if (method !== 'PROPFIND') throw refusal(method)
  const wanted = propertyRequest(await xmlBody(request))
  const resources = [plainCollection(segments, userId)]
  if (depthOf(request, 1) > 0) {
    if (segments.length > 1) {
      throw new DavError(405, 'MethodNotAllowed', 'Listing members of this collection is disabled', {
        headers: { allow: ALLOWED_METHODS },
      })
    }
    resources.push(plainCollection(['addressbooks', 'users'], userId))
  }
  return multistatus(request, resources, wanted, PROPFIND_STYLE)
}

async function handleHome(request: DavRequest): Promise<Response> {
  const { ctx, userId, method } = request
  const answer = await common(request)
  if (answer !== undefined) return answer
  if (method !== 'PROPFIND') throw refusal(method)
  const wanted = propertyRequest(await xmlBody(request))
  const books = depthOf(request, 1) === 0 ? [] : booksOf(ctx, userId)
  const resources = [homeResource(userId), ...books.map((book) => bookResource(userId, book))]
  return multistatus(request, resources, wanted, PROPFIND_STYLE)
}

/** What homes, books and cards answer alike; `undefined` for other methods. */
async function common(request: DavRequest, book?: Book, card?: CardRow): Promise<Response | undefined> {
  const { method, c, userId } = request
  if (method === 'OPTIONS') return optionsAnswer(c, FEATURES)
  if (method === 'REPORT') return report(request, book, card)
  if ((method === 'GET' || method === 'HEAD') && card === undefined) return collectionPage(c)
  if (method !== 'PROPFIND' || book === undefined) return undefined
  const wanted = propertyRequest(await xmlBody(request))
  const resources: readonly DavResource[] =
    card === undefined
      ? [bookResource(userId, book), ...(depthOf(request, 1) === 0 ? [] : cardsOf(userId, book))]
      : [cardResource(userId, book, card)]
  return multistatus(request, resources, wanted, PROPFIND_STYLE)
}

function cardsOf(userId: string, book: Book): readonly DavResource[] {
  return Array.from(book.row.cards.values(), (card) => cardResource(userId, book, card))
}

/** Of collections that users cannot change. */
function refusal(method: string): DavError {
  const isWrite = ['PUT', 'DELETE', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'REPORT'].includes(method)
  return isWrite ? forbidden('Permission denied') : notImplemented(method)
}
