import { createHash } from 'node:crypto'
import type { EmbeddedContext } from '../../context.js'
import type { AssignmentRow, BoardRow, CardRow, LabelRow, StackRow } from './deck-store.js'

/** Deck's entity tag: MD5 of the seconds of the last change; of nothing when that is not known. */
export function deckEtag(lastModified: number | null): string {
  return createHash('md5')
    .update(lastModified === null ? '' : String(lastModified))
    .digest('hex')
}

/** Where a board is shown: in the list, alone, or in the answer to its creation. */
export type BoardView = 'list' | 'single' | 'created'

const PERMISSIONS = {
  PERMISSION_READ: true,
  PERMISSION_EDIT: true,
  PERMISSION_MANAGE: true,
  PERMISSION_SHARE: true,
}

/** A board; the list leaves out labels and users, and a fresh one does not know its last change yet. */
export function boardData(ctx: EmbeddedContext, board: BoardRow, view: BoardView): Record<string, unknown> {
  const lastModified = view === 'created' ? 0 : board.lastModified
  const owner = participant(ctx, board.ownerId)
  return {
    id: board.id,
    title: board.title,
    owner,
    color: board.color,
    archived: board.archived,
    labels:
      view === 'list'
        ? []
        : ctx.store.deck.labelsOf(board.id).map((label) => labelData(label, view === 'created')),
    acl: [],
    permissions: PERMISSIONS,
    users: view === 'single' ? [owner] : [],
    ...(view === 'list' ? { shared: 0 } : {}),
    stacks: [],
    activeSessions: [],
    deletedAt: board.deletedAt,
    lastModified,
    settings: view === 'single' ? { 'notify-due': 'assigned', calendar: true } : [],
    ETag: deckEtag(lastModified),
  }
}

export function labelData(label: LabelRow, isFresh = false): Record<string, unknown> {
  const { id, title, color, boardId } = label
  const lastModified = isFresh ? null : label.lastModified
  return { id, title, color, boardId, cardId: null, lastModified, ETag: deckEtag(lastModified) }
}

/** A stack with the given cards; without any it has no member for them. */
export function stackData(
  ctx: EmbeddedContext,
  stack: StackRow,
  cards: readonly CardRow[],
): Record<string, unknown> {
  const { id, title, boardId, deletedAt, lastModified, order } = stack
  return {
    id,
    title,
    boardId,
    deletedAt,
    lastModified,
    order,
    ...(cards.length === 0 ? {} : { cards: cards.map((card) => cardDetails(ctx, card)) }),
    ETag: deckEtag(lastModified),
  }
}

/** A card as reads and writes of its content show it: with assignments, without the inner members. */
export function cardDetails(ctx: EmbeddedContext, card: CardRow): Record<string, unknown> {
  return {
    ...common(ctx, card),
    assignedUsers: card.assignments.map((assignment) => assignmentData(ctx, assignment)),
    attachments: null,
    attachmentCount: 0,
    overdue: overdueLevel(ctx, card),
    referenceData: null,
  }
}

/** A card as archiving, deleting and reordering show it: the row, with the owner and labels filled in or not. */
export function cardRowData(
  ctx: EmbeddedContext,
  card: CardRow,
  isEnriched: boolean,
): Record<string, unknown> {
  return {
    ...common(ctx, card),
    ...(isEnriched ? {} : { owner: card.ownerId, labels: null }),
    descriptionPrev: card.descriptionPrev,
    assignedUsers: null,
    attachments: null,
    attachmentCount: null,
    notified: false,
    relatedStack: null,
    relatedBoard: null,
  }
}

function common(ctx: EmbeddedContext, card: CardRow): Record<string, unknown> {
  const labels = Array.from(card.labelIds, (id) => ctx.store.deck.labels.get(id))
  return {
    id: card.id,
    title: card.title,
    description: card.description,
    stackId: card.stackId,
    type: card.type,
    lastModified: card.lastModified,
    lastEditor: card.lastEditor,
    createdAt: card.createdAt,
    labels: labels.flatMap((label) =>
      label === undefined ? [] : [{ ...labelData(label), cardId: card.id }],
    ),
    owner: participant(ctx, card.ownerId),
    order: card.order,
    archived: card.archived,
    done: card.done,
    duedate: card.duedate,
    deletedAt: card.deletedAt,
    commentsUnread: 0,
    commentsCount: 0,
    ETag: deckEtag(card.lastModified),
  }
}

export function assignmentData(
  ctx: EmbeddedContext,
  { id, cardId, userId }: AssignmentRow,
): Record<string, unknown> {
  return { id, participant: participant(ctx, userId), cardId, type: 0 }
}

function participant(ctx: EmbeddedContext, userId: string): Record<string, unknown> {
  const displayname = ctx.store.users.get(userId)?.displayName ?? userId
  return { primaryKey: userId, uid: userId, displayname, type: 0 }
}

/** 0 not due soon, 1 due tomorrow, 2 due today, 3 overdue. */
function overdueLevel(ctx: EmbeddedContext, { duedate }: CardRow): number {
  if (duedate === null) return 0
  const days = dayOf(Date.parse(duedate)) - dayOf(ctx.clock.nowMs())
  if (days > 1) return 0
  return days === 1 ? 1 : days === 0 ? 2 : 3
}

function dayOf(ms: number): number {
  return Math.floor(ms / 86_400_000)
}
