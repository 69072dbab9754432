import type { EmbeddedContext } from '../../context.js'
import { boardIdOf } from './deck-access.js'
import { DeckError } from './deck-error.js'
import type { AssignmentRow, BoardRow, CardRow, LabelRow, StackRow } from './deck-store.js'

const NEW_BOARD_LABELS = [
  ['Finished', '31CC7C'],
  ['To review', '317CCC'],
  ['Action needed', 'FF7A66'],
  ['Later', 'F1DB50'],
] as const

/** Makes a board with the usual four labels. */
export function createBoard(
  ctx: EmbeddedContext,
  ownerId: string,
  { title, color }: Pick<BoardRow, 'title' | 'color'>,
): BoardRow {
  const board: BoardRow = {
    id: ctx.store.nextId(),
    ownerId,
    title,
    color,
    archived: false,
    lastModified: ctx.clock.nowSeconds(),
    deletedAt: 0,
  }
  ctx.store.deck.boards.set(board.id, board)
  for (const [name, labelColor] of NEW_BOARD_LABELS) createLabel(ctx, board.id, name, labelColor)
  return board
}

/** @throws {DeckError} 400 when the board has a label of this title. */
export function createLabel(ctx: EmbeddedContext, boardId: number, title: string, color: string): LabelRow {
  refuseTakenTitle(ctx, boardId, title)
  const label: LabelRow = { id: ctx.store.nextId(), boardId, title, color, lastModified: 0 }
  ctx.store.deck.labels.set(label.id, label)
  touchBoard(ctx, boardId)
  return label
}

/** @throws {DeckError} 400 when the board has another label of this title. */
export function updateLabel(ctx: EmbeddedContext, label: LabelRow, title: string, color: string): void {
  refuseTakenTitle(ctx, label.boardId, title, label)
  Object.assign(label, { title, color, lastModified: ctx.clock.nowSeconds() })
  touchBoard(ctx, label.boardId)
}

function refuseTakenTitle(ctx: EmbeddedContext, boardId: number, title: string, self?: LabelRow): void {
  const isTaken = ctx.store.deck.labelsOf(boardId).some((label) => label !== self && label.title === title)
  if (isTaken) throw new DeckError(400, 'title must be unique')
}

/** Removes a label from its board and from all cards. */
export function deleteLabel(ctx: EmbeddedContext, label: LabelRow): void {
  for (const card of ctx.store.deck.cards.values()) card.labelIds.delete(label.id)
  ctx.store.deck.labels.delete(label.id)
  touchBoard(ctx, label.boardId)
}

export function createStack(ctx: EmbeddedContext, boardId: number, title: string, order: number): StackRow {
  const stack = { id: ctx.store.nextId(), boardId, title, order, lastModified: 0, deletedAt: 0 }
  ctx.store.deck.stacks.set(stack.id, stack)
  touchBoard(ctx, boardId)
  return stack
}

/** What a card is made or changed with. Times are RFC 3339. */
export type CardFields = Pick<CardRow, 'title' | 'type' | 'order' | 'description' | 'duedate'>

export function createCard(
  ctx: EmbeddedContext,
  ownerId: string,
  stackId: number,
  fields: CardFields,
): CardRow {
  const card: CardRow = {
    id: ctx.store.nextId(),
    ownerId,
    createdAt: ctx.clock.nowSeconds(),
    stackId,
    descriptionPrev: null,
    archived: false,
    done: null,
    lastModified: 0,
    lastEditor: null,
    deletedAt: 0,
    labelIds: new Set(),
    assignments: [],
    ...fields,
  }
  ctx.store.deck.cards.set(card.id, card)
  touchCard(ctx, card)
  return card
}

/**
 * Replaces what a card says: whatever `fields` lacks is emptied by the caller, not kept.
 *
 * @param fields.archived `undefined` leaves it
 */
export function updateCard(
  ctx: EmbeddedContext,
  userId: string,
  card: CardRow,
  fields: CardFields & Pick<CardRow, 'stackId' | 'done'> & { readonly archived: boolean | undefined },
): void {
  if (card.lastEditor !== null && card.lastEditor !== userId) card.descriptionPrev = card.description
  card.descriptionPrev ??= card.description
  const { archived, ...rest } = fields
  Object.assign(card, rest)
  if (archived !== undefined) card.archived = archived
  touchCard(ctx, card)
}

/** Puts a card at a place in a stack, which may be another one. Returns the cards of that stack in their order. */
export function reorderCard(ctx: EmbeddedContext, card: CardRow, stackId: number, order: number): CardRow[] {
  card.stackId = stackId
  let next = 0
  for (const other of ctx.store.deck.cardsOf(stackId)) {
    if (next === order) next++
    if (other === card) other.order = order
    else other.order = next++
  }
  touchCard(ctx, card)
  return ctx.store.deck.cardsOf(stackId)
}

/** @throws {DeckError} 400 for a user who is not on the board or has the card already. */
export function assignUser(ctx: EmbeddedContext, card: CardRow, userId: string): AssignmentRow {
  if (card.assignments.some((assignment) => assignment.userId === userId)) {
    throw new DeckError(400, 'The user is already assigned to the card')
  }
  if (ctx.store.deck.boards.get(boardIdOf(ctx, card))?.ownerId !== userId) {
    throw new DeckError(400, 'The user is not part of the board')
  }
  const assignment = { id: ctx.store.nextId(), cardId: card.id, userId }
  card.assignments.push(assignment)
  touchCard(ctx, card)
  return assignment
}

/** @throws {DeckError} 404 when the user does not have the card. */
export function unassignUser(ctx: EmbeddedContext, card: CardRow, userId: string): AssignmentRow {
  const index = card.assignments.findIndex((assignment) => assignment.userId === userId)
  const [assignment] = index === -1 ? [] : card.assignments.splice(index, 1)
  if (assignment === undefined) throw new DeckError(404, `No assignment for ${userId}found.`)
  touchCard(ctx, card)
  return assignment
}

/** A change of a card is one of its stack and of its board. */
export function touchCard(ctx: EmbeddedContext, card: CardRow): void {
  const nowSeconds = ctx.clock.nowSeconds()
  card.lastModified = nowSeconds
  const stack = ctx.store.deck.stacks.get(card.stackId)
  if (stack === undefined) return
  stack.lastModified = nowSeconds
  touchBoard(ctx, stack.boardId)
}

export function touchBoard(ctx: EmbeddedContext, boardId: number): void {
  const board = ctx.store.deck.boards.get(boardId)
  if (board !== undefined) board.lastModified = ctx.clock.nowSeconds()
}
