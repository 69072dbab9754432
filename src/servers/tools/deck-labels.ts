import * as z from 'zod'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { boardSchema, deckRequest, labelSchema } from './deck-api.js'
import {
  aboutDeck,
  boardId,
  cardId,
  color,
  done,
  labelId,
  operation,
  plainColor,
  stackId,
  title,
} from './deck-common.js'
import { envelope, stamped } from './envelope.js'
import { defineTool, type Tool } from './tool.js'

const cardPlace = { board_id: boardId, stack_id: stackId, card_id: cardId }
const cardIds = { board_id: z.int(), stack_id: z.int(), card_id: z.int() }
const userId = z.string().min(1).describe('Id of a user who is on the board')

const getLabels = defineTool({
  name: 'deck_get_labels',
  title: 'List labels',
  description: 'Lists the labels of a board.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId }),
  output: z.object({ labels: z.array(labelSchema) }),
  run: async (place, { nextcloud }) => {
    const { labels } = await aboutDeck(deckRequest(nextcloud, boardSchema, { place }), place)
    return { labels: labels ?? [] }
  },
})

const getLabel = defineTool({
  name: 'deck_get_label',
  title: 'Read label',
  description: 'Reads a label.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId, label_id: labelId }),
  output: labelSchema,
  run: (place, { nextcloud }) => aboutDeck(deckRequest(nextcloud, labelSchema, { place }), place),
})

const createLabel = defineTool({
  name: 'deck_create_label',
  title: 'Create label',
  description: 'Creates a label on a board. Titles are unique there.',
  annotations: writing,
  input: z.strictObject({ board_id: boardId, title, color }),
  output: z.object({ ...envelope, id: z.int(), title: z.string(), color: z.string(), board_id: z.int() }),
  async run({ board_id, ...input }, { nextcloud }) {
    const place = { board_id }
    const json = { title: input.title, color: plainColor(input.color) }
    const label = await aboutDeck(
      deckRequest(nextcloud, labelSchema, { method: 'POST', place, what: 'labels', json }),
      place,
      { 400: taken(input.title, board_id) },
    )
    return { ...stamped(), id: label.id, title: label.title, color: label.color, board_id }
  },
})

const updateLabel = defineTool({
  name: 'deck_update_label',
  title: 'Update label',
  description: 'Renames or recolours a label; what is not given stays.',
  annotations: overwriting,
  input: z.strictObject({
    board_id: boardId,
    label_id: labelId,
    title: title.nullable().default(null),
    color: color.nullable().default(null),
  }),
  output: operation({ board_id: z.int(), label_id: z.int() }),
  async run({ title: newTitle, color: newColor, ...place }, { nextcloud }) {
    // Deck wants both members.
    const label = await aboutDeck(deckRequest(nextcloud, labelSchema, { place }), place)
    const json = { title: newTitle ?? label.title, color: plainColor(newColor ?? label.color) }
    await aboutDeck(deckRequest(nextcloud, labelSchema, { method: 'PUT', place, json }), place, {
      400: taken(json.title, place.board_id),
    })
    return done('Label updated successfully', place)
  },
})

const deleteLabel = defineTool({
  name: 'deck_delete_label',
  title: 'Delete label',
  description: 'Deletes a label from its board and from all cards.',
  annotations: deleting,
  input: z.strictObject({ board_id: boardId, label_id: labelId }),
  output: operation({ board_id: z.int(), label_id: z.int() }),
  async run(place, { nextcloud }) {
    await aboutDeck(deckRequest(nextcloud, z.unknown(), { method: 'DELETE', place }), place)
    return done('Label deleted successfully', place)
  },
})

/** Assigning or removing a label: the same but for names. */
function labelTool(name: string, toolTitle: string, action: string, message: string): Tool {
  return defineTool({
    name,
    title: toolTitle,
    description: `${toolTitle}.`,
    annotations: { ...writing, idempotentHint: true },
    input: z.strictObject({ ...cardPlace, label_id: labelId }),
    output: operation({ ...cardIds, label_id: z.int() }),
    async run({ label_id, ...place }, { nextcloud }) {
      const missing = `Card ${String(place.card_id)} or label ${String(label_id)} not found on board ${String(place.board_id)}, or access denied`
      await aboutDeck(
        deckRequest(nextcloud, z.unknown(), {
          method: 'PUT',
          place,
          what: action,
          json: { labelId: label_id },
        }),
        place,
        { 403: missing, 404: missing },
      )
      return done(message, { ...place, label_id })
    },
  })
}

/** Assigning or unassigning a user. */
function userTool(
  name: string,
  toolTitle: string,
  action: string,
  message: string,
  refused: (user: string, card: string) => Readonly<Record<number, string>>,
): Tool {
  return defineTool({
    name,
    title: toolTitle,
    description: `${toolTitle}.`,
    annotations: writing,
    input: z.strictObject({ ...cardPlace, user_id: userId }),
    output: operation({ ...cardIds, user_id: z.string() }),
    async run({ user_id, ...place }, { nextcloud }) {
      await aboutDeck(
        deckRequest(nextcloud, z.unknown(), {
          method: 'PUT',
          place,
          what: action,
          json: { userId: user_id },
        }),
        place,
        refused(`User ${user_id}`, `card ${String(place.card_id)}`),
      )
      return { ...done(message, place), user_id }
    },
  })
}

/** The tools for labels and for who has a card. */
export const deckLabelTools: readonly Tool[] = [
  getLabels,
  getLabel,
  createLabel,
  updateLabel,
  deleteLabel,
  labelTool(
    'deck_assign_label_to_card',
    'Put a label on a card',
    'assignLabel',
    'Label assigned to card successfully',
  ),
  labelTool(
    'deck_remove_label_from_card',
    'Take a label off a card',
    'removeLabel',
    'Label removed from card successfully',
  ),
  userTool(
    'deck_assign_user_to_card',
    'Assign a card to a user',
    'assignUser',
    'User assigned to card successfully',
    (user, card) => ({ 400: `${user} is not on the board of ${card}, or has it already` }),
  ),
  userTool(
    'deck_unassign_user_from_card',
    'Take a card from a user',
    'unassignUser',
    'User unassigned from card successfully',
    (user, card) => ({ 404: `${user} not found among those who have ${card}` }),
  ),
]

function taken(labelTitle: string, board: number): string {
  return `Board ${String(board)} has another label ${labelTitle}, or Deck does not accept it`
}
