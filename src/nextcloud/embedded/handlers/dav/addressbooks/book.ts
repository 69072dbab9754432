import { childOf, descendant } from '../../../../../xml/xml.js'
import { newAddressBook } from '../../../address-books.js'
import { emptyAnswer } from '../answers.js'
import { alreadyExists, badRequest, DavError, forbidden, notImplemented } from '../dav-error.js'
import { proppatchAnswer } from '../multistatus.js'
import { clark } from '../names.js'
import { outcomesOf, propertiesToSet, propertyUpdate } from '../property-update.js'
import { xmlBody, type DavRequest } from '../request.js'
import { booksOf, refuseReservedName, type Book } from './books.js'
import { bookHref, isProtectedOfBook, REPORT_STYLE } from './resources.js'

/** Extended MKCOL (RFC 5689; RFC 6352, 6.3.1). */
export async function makeBook(request: DavRequest, uri: string): Promise<Response> {
  const { ctx, c, userId } = request
  const body = await xmlBody(request)
  if (booksOf(ctx, userId).some(({ row }) => row.uri === uri)) throw alreadyExists()
  refuseReservedName(uri)
  if (body !== undefined && body.name !== clark('d', 'mkcol')) {
    throw badRequest('The body is not a mkcol document')
  }
  const resourceType = descendant(body, clark('d', 'set'), clark('d', 'prop'), clark('d', 'resourcetype'))
  if (childOf(resourceType, clark('card', 'addressbook')) === undefined) {
    throw new DavError(403, 'InvalidResourceType', 'Unknown resourceType for this collection', {
      extraXml: '  <d:valid-resourcetype/>',
    })
  }
  const properties = propertiesToSet(body)
    .filter(({ name, value }) => value !== null && !isProtectedOfBook(name))
    .map(({ name, value }) => [name, value?.text ?? ''] as const)
  const home = ctx.store.addressBooks.homeOf(userId, ctx.clock.nowSeconds())
  home.set(uri, newAddressBook(uri, [[clark('d', 'displayname'), uri], ...properties]))
  return emptyAnswer(c, 201)
}

/** PROPPATCH and DELETE of a book. */
export async function handleBook(request: DavRequest, book: Book): Promise<Response> {
  const { ctx, c, userId, method } = request
  switch (method) {
    case 'PROPPATCH':
      return changeProperties(request, book)
    case 'DELETE':
      if (book.isReadOnly) throw forbidden('Permission denied to delete this address book')
      ctx.store.addressBooks.homeOf(userId, ctx.clock.nowSeconds()).delete(book.row.uri)
      return emptyAnswer(c, 204)
    case 'PUT':
    case 'COPY':
    case 'MOVE':
      throw forbidden('Permission denied')
    default:
      throw notImplemented(method)
  }
}

async function changeProperties(request: DavRequest, book: Book): Promise<Response> {
  const changes = propertyUpdate(await xmlBody(request))
  const outcomes = outcomesOf(changes, (name) => book.isReadOnly || isProtectedOfBook(name))
  if (outcomes.every(({ status }) => status === 200)) {
    for (const { name, value } of changes) {
      if (value === null) book.row.properties.delete(name)
      else book.row.properties.set(name, value.text)
    }
    book.row.syncToken += 1
  }
  return proppatchAnswer(request, bookHref(request.userId, book.row.uri), outcomes, REPORT_STYLE)
}
