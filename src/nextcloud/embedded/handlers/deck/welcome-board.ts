import type { EmbeddedContext } from '../../context.js'
import { createBoard, createCard, createLabel, createStack } from './deck-changes.js'

const READ_MORE = 'Read more inside'
/** Stack title, then title and label of its cards. */
const STACKS = [
  ['Custom lists - click to rename!', [['1. Boards and cards', READ_MORE]]],
  [
    'To Do',
    [
      ['2. Move a card', READ_MORE],
      ['Add a card', 'Action needed'],
    ],
  ],
  ['In Progress', [['3. Format a description', READ_MORE]]],
  ['Done', [['4. Work together', READ_MORE]]],
] as const

/** Whoever uses Deck for the first time gets this board. */
export function ensureWelcomeBoard(ctx: EmbeddedContext, userId: string): void {
  const { deck } = ctx.store
  if (deck.welcomed.has(userId)) return
  deck.welcomed.add(userId)
  const board = createBoard(ctx, userId, { title: 'Welcome to Nextcloud Deck!', color: 'bf678b' })
  createLabel(ctx, board.id, READ_MORE, 'CC317C')
  for (const [order, [title, cards]] of STACKS.entries()) {
    const stack = createStack(ctx, board.id, title, order)
    for (const [place, [cardTitle, labelTitle]] of cards.entries()) {
      const fields = { title: cardTitle, type: 'text', order: place, description: '', duedate: null }
      const card = createCard(ctx, userId, stack.id, fields)
      const label = deck.labelsOf(board.id).find((each) => each.title === labelTitle)
      if (label !== undefined) card.labelIds.add(label.id)
    }
  }
}
