import type { EmbeddedContext } from '../../context.js'
import { contentHash } from '../conditional.js'
import { booleanParameter } from '../notes-parameters.js'
import * as access from './deck-access.js'
import * as changes from './deck-changes.js'
import { boardData, deckEtag, labelData, stackData } from './deck-data.js'
import { colorOf, integerOf, textOf } from './deck-parameters.js'
import type { DeckRouter } from './deck-route.js'

const MAX_TITLE_LENGTH = 100

/** Boards with their labels and stacks. */
export function registerBoardRoutes(route: DeckRouter, ctx: EmbeddedContext): void {
  const { deck } = ctx.store
  route('GET', '', ({ userId }) => {
    const boards = Array.from(deck.boards.values()).filter(
      (board) => board.ownerId === userId && board.deletedAt === 0,
    )
    const etag = contentHash(boards.map(({ id, lastModified }) => `${id}-${deckEtag(lastModified)}`))
    return { data: boards.map((board) => boardData(ctx, board, 'list')), etag }
  })
  route('POST', '', ({ userId, parameters }) => {
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const board = changes.createBoard(ctx, userId, { title, color: colorOf(parameters, false) })
    return { data: boardData(ctx, board, 'created') }
  })
  route('GET', '/:boardId', ({ userId, id }) => {
    const board = access.findBoard(ctx, userId, id('boardId'))
    return { data: boardData(ctx, board, 'single'), etag: deckEtag(board.lastModified) }
  })
  route('PUT', '/:boardId', ({ userId, id, parameters }) => {
    const board = access.findBoard(ctx, userId, id('boardId'))
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const color = colorOf(parameters, false)
    Object.assign(board, { title, color, archived: booleanParameter(parameters, 'archived') ?? false })
    changes.touchBoard(ctx, board.id)
    return { data: boardData(ctx, board, 'single') }
  })
  route('DELETE', '/:boardId', ({ userId, id }) => {
    const board = access.findBoard(ctx, userId, id('boardId'))
    board.deletedAt = ctx.clock.nowSeconds()
    return { data: boardData(ctx, board, 'single') }
  })
}

/** Labels of a board. */
export function registerLabelRoutes(route: DeckRouter, ctx: EmbeddedContext): void {
  route('GET', '/:boardId/labels/:labelId', ({ userId, id }) => ({
    data: labelData(access.findLabel(ctx, userId, id('labelId'))),
  }))
  route('POST', '/:boardId/labels', ({ userId, id, parameters }) => {
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const color = colorOf(parameters, true)
    const board = access.findBoard(ctx, userId, id('boardId'))
    access.refuseArchivedBoard(ctx, board.id)
    return { data: labelData(changes.createLabel(ctx, board.id, title, color), true) }
  })
  route('PUT', '/:boardId/labels/:labelId', ({ userId, id, parameters }) => {
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const color = colorOf(parameters, true)
    const label = access.findLabel(ctx, userId, id('labelId'))
    access.refuseArchivedBoard(ctx, label.boardId)
    changes.updateLabel(ctx, label, title, color)
    return { data: labelData(label) }
  })
  route('DELETE', '/:boardId/labels/:labelId', ({ userId, id }) => {
    const label = access.findLabel(ctx, userId, id('labelId'))
    access.refuseArchivedBoard(ctx, label.boardId)
    changes.deleteLabel(ctx, label)
    return { data: labelData(label) }
  })
}

/** Stacks of a board. */
export function registerStackRoutes(route: DeckRouter, ctx: EmbeddedContext): void {
  const { deck } = ctx.store
  route('GET', '/:boardId/stacks', ({ userId, id }) => {
    const board = access.findBoard(ctx, userId, id('boardId'))
    return {
      data: deck.stacksOf(board.id).map((stack) => stackData(ctx, stack, deck.cardsOf(stack.id))),
    }
  })
  route('GET', '/:boardId/stacks/archived', ({ userId, id }) => {
    const board = access.findBoard(ctx, userId, id('boardId'))
    return {
      data: deck.stacksOf(board.id).map((stack) => stackData(ctx, stack, deck.cardsOf(stack.id, true))),
    }
  })
  route('POST', '/:boardId/stacks', ({ userId, id, parameters }) => {
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const order = integerOf(parameters, 'order')
    const board = access.findBoard(ctx, userId, id('boardId'))
    access.refuseArchivedBoard(ctx, board.id)
    return { data: stackData(ctx, changes.createStack(ctx, board.id, title, order), []) }
  })
  route('GET', '/:boardId/stacks/:stackId', ({ userId, id }) => {
    const stack = access.findStack(ctx, userId, id('stackId'))
    return { data: stackData(ctx, stack, deck.cardsOf(stack.id)), etag: deckEtag(stack.lastModified) }
  })
  route('PUT', '/:boardId/stacks/:stackId', ({ userId, id, parameters }) => {
    const title = textOf(parameters, 'title', MAX_TITLE_LENGTH)
    const order = integerOf(parameters, 'order')
    const stack = access.findStack(ctx, userId, id('stackId'))
    const board = access.findBoard(ctx, userId, id('boardId'))
    access.refuseArchivedBoard(ctx, stack.boardId)
    Object.assign(stack, { title, order, boardId: board.id })
    changes.touchBoard(ctx, board.id)
    return { data: stackData(ctx, stack, []) }
  })
  route('DELETE', '/:boardId/stacks/:stackId', ({ userId, id }) => {
    const stack = access.findStack(ctx, userId, id('stackId'))
    const cards = deck.cardsOf(stack.id)
    stack.deletedAt = ctx.clock.nowSeconds()
    changes.touchBoard(ctx, stack.boardId)
    return { data: stackData(ctx, stack, cards) }
  })
}
