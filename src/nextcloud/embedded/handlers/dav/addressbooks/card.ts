import { deleteCard, writeCard, type CardRow } from '../../../address-books.js'
import { BASE_HEADERS, respond } from '../../../responses.js'
import { rawUrlEncode } from '../../oidc/php.js'
import { randomAlphanumeric } from '../../oidc/random.js'
import { emptyAnswer } from '../answers.js'
import { alreadyExists, badRequest, davHeaders, forbidden, notFound, notImplemented } from '../dav-error.js'
import { checkPreconditions } from '../preconditions.js'
import type { DavRequest } from '../request.js'
import type { Book } from './books.js'
import { httpDate } from './resources.js'
import { refuseSecondUid, transferCard } from './transfer.js'
import { acceptCard } from './vcard.js'

/** PUT: creates or replaces a card. */
export async function putCard(request: DavRequest, book: Book, uri: string): Promise<Response> {
  const { ctx, c } = request
  // First, so that nothing comes between the conditions and the write.
  const body = Buffer.from(await c.req.arrayBuffer())
  const existing = book.row.cards.get(uri)
  checkPreconditions(c, existing?.etag)
  if (book.isReadOnly) throw forbidden('Permission denied to change this address book')
  if (uri.includes('\0')) throw badRequest('The name of a card must not contain a NUL character')
  const { data, uid, wasRepaired } = acceptCard(body)
  refuseSecondUid(book.row, uid, [uri])
  const { etag } = writeCard(book.row, uri, data, uid, ctx.clock.nowSeconds())
  return emptyAnswer(c, existing === undefined ? 201 : 204, wasRepaired ? {} : { etag, 'oc-etag': etag })
}

/** Everything else that is asked of a card, present or not. */
export function handleCard(
  request: DavRequest,
  book: Book,
  uri: string,
  card: CardRow | undefined,
): Response {
  const { c, method } = request
  if (method === 'MKCOL' && card !== undefined) throw alreadyExists()
  const isUnchanged = checkPreconditions(c, card?.etag)
  if (card === undefined) {
    if (method === 'MKCOL') throw forbidden('Creating collections in addressbooks is not allowed')
    throw notFound('Card not found')
  }
  switch (method) {
    case 'GET':
    case 'HEAD':
      return isUnchanged
        ? respond(c, 304, null, { ...BASE_HEADERS, etag: card.etag })
        : respond(c, 200, card.data, {
            ...davHeaders('text/vcard; charset=utf-8'),
            'content-disposition': `attachment; filename*=UTF-8''${rawUrlEncode(uri)}; filename="${rawUrlEncode(uri)}"`,
            'content-length': String(Buffer.byteLength(card.data)),
            etag: card.etag,
            'oc-etag': card.etag,
            'last-modified': httpDate(card.modifiedSeconds),
            'x-accel-buffering': 'no',
            'x-debug-token': randomAlphanumeric(20),
          })
    case 'DELETE':
      if (book.isReadOnly) throw forbidden('Permission denied to change this address book')
      deleteCard(book.row, card)
      return emptyAnswer(c, 204)
    case 'COPY':
    case 'MOVE':
      return transferCard(request, book, card)
    case 'PROPPATCH':
      throw forbidden('Permission denied')
    default:
      throw notImplemented(method)
  }
}
