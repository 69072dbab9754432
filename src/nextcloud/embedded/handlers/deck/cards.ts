import type { EmbeddedContext } from '../../context.js'
import { booleanParameter } from '../notes-parameters.js'
import { stringParameter, type RequestParameters } from '../oidc/parameters.js'
import * as access from './deck-access.js'
import * as changes from './deck-changes.js'
import { assignmentData, cardDetails, cardRowData, deckEtag } from './deck-data.js'
import { DeckError } from './deck-error.js'
import { integerOf, textOf, timeOf } from './deck-parameters.js'
import type { DeckRequest, DeckRouter } from './deck-route.js'
import type { CardRow } from './deck-store.js'

const MAX_TITLE_LENGTH = 255
const MAX_NAME_LENGTH = 64
const LAST_ORDER = 999
const PATH = '/:boardId/stacks/:stackId/cards'
const CARD_PATH = `${PATH}/:cardId`

/** Cards, their labels and the users they are assigned to. */
export function registerCardRoutes(route: DeckRouter, ctx: EmbeddedContext): void {
  /** The user's card of the path, on a board that may be changed. */
  const cardToChange = ({ userId, id }: DeckRequest): CardRow => {
    const card = access.findCard(ctx, userId, id('cardId'))
    access.refuseArchivedBoard(ctx, access.boardIdOf(ctx, card))
    return card
  }

  route('POST', PATH, ({ userId, id, parameters }) => {
    const fields = cardFields(parameters, { type: 'plain', order: LAST_ORDER })
    const stack = access.findStack(ctx, userId, id('stackId'))
    access.refuseArchivedBoard(ctx, stack.boardId)
    return { data: cardDetails(ctx, changes.createCard(ctx, userId, stack.id, fields)) }
  })
  route('GET', CARD_PATH, ({ userId, id }) => {
    const card = access.findCard(ctx, userId, id('cardId'))
    return { data: { ...cardDetails(ctx, card), attachments: [] }, etag: deckEtag(card.lastModified) }
  })
  route('PUT', CARD_PATH, (request) => {
    const { userId, id, parameters } = request
    const fields = cardFields(parameters, { type: '', order: 0 })
    textOf(parameters, 'owner', MAX_NAME_LENGTH)
    const done = timeOf(parameters, 'done')
    const archived = booleanParameter(parameters, 'archived')
    const card = cardToChange(request)
    const stack = access.findStack(ctx, userId, id('stackId'))
    if (archived === true) access.refuseArchivedCard(card)
    changes.updateCard(ctx, userId, card, { ...fields, stackId: stack.id, done, archived })
    const data = cardDetails(ctx, card)
    card.lastEditor = userId
    return { data }
  })
  route('DELETE', CARD_PATH, (request) => {
    const card = cardToChange(request)
    card.deletedAt = ctx.clock.nowSeconds()
    changes.touchCard(ctx, card)
    return { data: cardRowData(ctx, card, true) }
  })
  for (const [action, archived] of [
    ['archive', true],
    ['unarchive', false],
  ] as const) {
    route('PUT', `${CARD_PATH}/${action}`, (request) => {
      const card = cardToChange(request)
      card.archived = archived
      changes.touchCard(ctx, card)
      return { data: cardRowData(ctx, card, true) }
    })
  }
  route('PUT', `${CARD_PATH}/reorder`, (request) => {
    const order = integerOf(request.parameters, 'order')
    const card = cardToChange(request)
    // The path's stack wins over the body's, so that naming another stack in the body moves nothing.
    const stack = access.findStack(ctx, request.userId, request.id('stackId'))
    access.refuseArchivedCard(card)
    const cards = changes.reorderCard(ctx, card, stack.id, order)
    return { data: cards.map((each) => cardRowData(ctx, each, false)) }
  })
  for (const action of ['assignLabel', 'removeLabel'] as const) {
    route('PUT', `${CARD_PATH}/${action}`, (request) => {
      const labelId = integerOf(request.parameters, 'labelId')
      const card = cardToChange(request)
      const label = access.findLabel(ctx, request.userId, labelId)
      access.refuseArchivedCard(card)
      if (action === 'removeLabel') card.labelIds.delete(label.id)
      else if (label.boardId === access.boardIdOf(ctx, card)) card.labelIds.add(label.id)
      else throw new DeckError(403, 'Operation not allowed. Label does not exist.')
      changes.touchCard(ctx, card)
      return { data: null }
    })
  }
  for (const [action, change] of [
    ['assignUser', changes.assignUser],
    ['unassignUser', changes.unassignUser],
  ] as const) {
    route('PUT', `${CARD_PATH}/${action}`, (request) => {
      const assignee = textOf(request.parameters, 'userId', MAX_NAME_LENGTH)
      return { data: assignmentData(ctx, change(ctx, cardToChange(request), assignee)) }
    })
  }
}

function cardFields(
  parameters: RequestParameters,
  fallback: Pick<CardRow, 'type' | 'order'>,
): changes.CardFields {
  return {
    title: textOf(parameters, 'title', MAX_TITLE_LENGTH),
    type: textOf(parameters, 'type', MAX_NAME_LENGTH, fallback.type),
    order: integerOf(parameters, 'order', fallback.order),
    description: stringParameter(parameters, 'description') ?? '',
    duedate: timeOf(parameters, 'duedate'),
  }
}
