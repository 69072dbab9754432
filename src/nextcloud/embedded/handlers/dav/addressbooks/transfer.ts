import { deleteCard, writeCard, type AddressBookRow, type CardRow } from '../../../address-books.js'
import { emptyAnswer } from '../answers.js'
import { badRequest, conflict, DavError, forbidden } from '../dav-error.js'
import { preconditionFailed } from '../preconditions.js'
import { sentSegments, type DavRequest } from '../request.js'
import { bookNamed, type Book } from './books.js'

/** COPY and MOVE of a card to one of the user's own books (RFC 4918, 9.8 and 9.9). */
export function transferCard(request: DavRequest, book: Book, card: CardRow): Response {
  const { ctx, c, method } = request
  if (method === 'MOVE' && book.isReadOnly) throw forbidden('Permission denied to change this address book')
  const { target, uri } = destinationOf(request)
  if (target === book.row && uri === card.uri) throw forbidden('Source and destination uri are identical.')
  const existing = target.cards.get(uri)
  if (existing !== undefined && c.req.header('overwrite')?.toUpperCase() === 'F') {
    throw preconditionFailed(
      'The destination node already exists, and the overwrite header is set to false',
      'Overwrite',
    )
  }
  const isRename = method === 'MOVE' && target === book.row
  refuseSecondUid(target, card.uid, isRename ? [uri, card.uri] : [uri])
  if (method === 'MOVE') deleteCard(book.row, card)
  writeCard(target, uri, card.data, card.uid, ctx.clock.nowSeconds())
  return emptyAnswer(c, existing === undefined ? 201 : 204)
}

function destinationOf(request: DavRequest): { readonly target: AddressBookRow; readonly uri: string } {
  const header = request.c.req.header('destination')
  if (header === undefined) throw badRequest('The destination header was not supplied')
  const segments = sentSegments(request, header)
  const [tree, kind, owner, bookUri = '', uri = ''] = segments
  const isOwn = tree === 'addressbooks' && kind === 'users' && owner === request.userId
  if (!isOwn || segments.length !== 5) throw forbidden('Permission denied')
  const target = destinationBook(request, bookUri)
  if (target.isReadOnly || uri.includes('\0')) throw forbidden('Permission denied to create card')
  return { target: target.row, uri }
}

function destinationBook(request: DavRequest, bookUri: string): Book {
  try {
    return bookNamed(request, bookUri)
  } catch (error) {
    if (error instanceof DavError) throw conflict('The destination node is not found')
    throw error
  }
}

/**
 * @param except file names of cards that may have it.
 * @throws {DavError} 400 when another card of the book has this UID (RFC 6352, 5.1).
 */
export function refuseSecondUid(book: AddressBookRow, uid: string, except: readonly string[]): void {
  for (const other of book.cards.values()) {
    if (other.uid !== uid || except.includes(other.uri)) continue
    throw badRequest('VCard object with uid already exists in this addressbook collection.')
  }
}
