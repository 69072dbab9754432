import type { EmbeddedContext } from '../../context.js'
import { DeckError, permissionDenied } from './deck-error.js'
import type { BoardRow, CardRow, LabelRow, StackRow } from './deck-store.js'

/*
 * Deck looks up each thing by its own id and asks whether its board is the user's. That a path names the right board
 * and stack before it is not checked, as in the real app.
 */

/** @throws {DeckError} 403 for a missing, a deleted and another user's board. */
export function findBoard(ctx: EmbeddedContext, userId: string, boardId: number): BoardRow {
  const board = ctx.store.deck.boards.get(boardId)
  if (board?.ownerId === userId && board.deletedAt === 0) return board
  throw permissionDenied()
}

/** @throws {DeckError} 403 */
export function findStack(ctx: EmbeddedContext, userId: string, stackId: number): StackRow {
  const stack = ctx.store.deck.stacks.get(stackId)
  if (stack === undefined || stack.deletedAt !== 0) throw permissionDenied()
  findBoard(ctx, userId, stack.boardId)
  return stack
}

/** @throws {DeckError} 403 */
export function findLabel(ctx: EmbeddedContext, userId: string, labelId: number): LabelRow {
  const label = ctx.store.deck.labels.get(labelId)
  if (label === undefined) throw permissionDenied()
  findBoard(ctx, userId, label.boardId)
  return label
}

/** @throws {DeckError} 403, with another message for a deleted card. */
export function findCard(ctx: EmbeddedContext, userId: string, cardId: number): CardRow {
  const card = ctx.store.deck.cards.get(cardId)
  if (card === undefined) throw permissionDenied()
  findBoard(ctx, userId, boardIdOf(ctx, card))
  if (card.deletedAt !== 0) throw new DeckError(403, 'Card is deleted')
  return card
}

/** Id of the board a card is on. */
export function boardIdOf(ctx: EmbeddedContext, { stackId }: CardRow): number {
  return ctx.store.deck.stacks.get(stackId)?.boardId ?? 0
}

/** @throws {DeckError} 403 when the board is archived. */
export function refuseArchivedBoard(ctx: EmbeddedContext, boardId: number): void {
  if (ctx.store.deck.boards.get(boardId)?.archived === true) {
    throw new DeckError(403, 'Operation not allowed. This board is archived.')
  }
}

/** @throws {DeckError} 403 when the card is archived. */
export function refuseArchivedCard({ archived }: CardRow): void {
  if (archived) throw new DeckError(403, 'Operation not allowed. This card is archived.')
}
