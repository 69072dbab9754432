import * as z from 'zod'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { cardSchema, deckRequest, reorderCard, stackSchema, updateCard } from './deck-api.js'
import { aboutDeck, boardId, cardId, cardTitle, done, operation, stackId } from './deck-common.js'
import { envelope, stamped } from './envelope.js'
import { defineTool, type Tool, type ToolContext } from './tool.js'

const cardPlace = { board_id: boardId, stack_id: stackId, card_id: cardId }
const cardOperation = operation({ board_id: z.int(), stack_id: z.int(), card_id: z.int() })
const time = z.iso.datetime({ offset: true }).describe('RFC 3339')
const timeOrNone = z
  .union([time, z.literal('')])
  .nullable()
  .default(null)
  .describe('RFC 3339; empty clears it, null leaves it')

type CardPlace = { readonly board_id: number; readonly stack_id: number; readonly card_id: number }

const getCards = defineTool({
  name: 'deck_get_cards',
  title: 'List cards',
  description: 'Lists the cards of a stack; archived ones are left out.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId, stack_id: stackId }),
  output: z.object({ cards: z.array(cardSchema) }),
  run: async (place, { nextcloud }) => {
    const { cards } = await aboutDeck(deckRequest(nextcloud, stackSchema, { place }), place)
    return { cards: cards ?? [] }
  },
})

const getCard = defineTool({
  name: 'deck_get_card',
  title: 'Read card',
  description: 'Reads a card with its description, labels and assigned users.',
  annotations: reading,
  input: z.strictObject(cardPlace),
  output: cardSchema,
  run: (place, { nextcloud }) => aboutDeck(deckRequest(nextcloud, cardSchema, { place }), place),
})

const createCard = defineTool({
  name: 'deck_create_card',
  title: 'Create card',
  description: 'Creates a card in a stack, by default at its end.',
  annotations: writing,
  input: z.strictObject({
    board_id: boardId,
    stack_id: stackId,
    title: cardTitle,
    type: z.string().min(1).default('plain'),
    order: z.int().default(999),
    description: z.string().nullable().default(null),
    duedate: time.nullable().default(null),
  }),
  output: z.object({
    ...envelope,
    id: z.int(),
    title: z.string(),
    description: z.string(),
    stackId: z.int(),
  }),
  async run({ board_id, stack_id, description, duedate, ...rest }, { nextcloud }) {
    const place = { board_id, stack_id }
    const json = { ...rest, description: description ?? '', duedate }
    const card = await aboutDeck(
      deckRequest(nextcloud, cardSchema, { method: 'POST', place, what: 'cards', json }),
      place,
    )
    return {
      ...stamped(),
      id: card.id,
      title: card.title,
      description: card.description ?? '',
      stackId: card.stackId,
    }
  },
})

const update = defineTool({
  name: 'deck_update_card',
  title: 'Update card',
  description: 'Changes the given members of a card; what is null or not given stays.',
  annotations: overwriting,
  input: z.strictObject({
    ...cardPlace,
    title: cardTitle.nullable().default(null),
    description: z.string().nullable().default(null),
    type: z.string().min(1).nullable().default(null),
    owner: z.string().min(1).nullable().default(null).describe('User id'),
    order: z.int().nullable().default(null),
    duedate: timeOrNone,
    archived: z.boolean().nullable().default(null),
    done: timeOrNone,
  }),
  output: cardOperation,
  async run({ board_id, stack_id, card_id, ...input }, { nextcloud }) {
    const place = { board_id, stack_id, card_id }
    const changes = {
      title: input.title ?? undefined,
      description: input.description ?? undefined,
      type: input.type ?? undefined,
      owner: input.owner ?? undefined,
      order: input.order ?? undefined,
      archived: input.archived ?? undefined,
      duedate: clearable(input.duedate),
      done: clearable(input.done),
    }
    await aboutDeck(updateCard(nextcloud, place, changes), place)
    return done('Card updated successfully', place)
  },
})

const reorder = defineTool({
  name: 'deck_reorder_card',
  title: 'Move card',
  description: 'Moves a card to a place of a stack, its own or another.',
  annotations: overwriting,
  input: z.strictObject({
    ...cardPlace,
    order: z.int().describe('Place in the target stack, from 0'),
    target_stack_id: z.int().describe('Id of the stack it moves to'),
  }),
  output: cardOperation,
  async run({ board_id, stack_id, card_id, order, target_stack_id }, { nextcloud }) {
    const place = { board_id, stack_id, card_id }
    // Tells a missing card from a missing target.
    await aboutDeck(deckRequest(nextcloud, cardSchema, { place }), place)
    await aboutDeck(reorderCard(nextcloud, place, order, target_stack_id), {
      board_id,
      stack_id: target_stack_id,
    })
    return done('Card reordered successfully', { ...place, stack_id: target_stack_id })
  },
})

const remove = defineTool({
  name: 'deck_delete_card',
  title: 'Delete card',
  description: 'Deletes a card.',
  annotations: deleting,
  input: z.strictObject(cardPlace),
  output: cardOperation,
  run: (place, context) => change(context, place, { method: 'DELETE' }, 'deleted'),
})

const archive = defineTool({
  name: 'deck_archive_card',
  title: 'Archive card',
  description: 'Archives a card: it stays, but lists leave it out.',
  annotations: { ...overwriting, destructiveHint: false, idempotentHint: true },
  input: z.strictObject(cardPlace),
  output: cardOperation,
  run: (place, context) => change(context, place, { method: 'PUT', what: 'archive', json: {} }, 'archived'),
})

const unarchive = defineTool({
  name: 'deck_unarchive_card',
  title: 'Unarchive card',
  description: 'Brings an archived card back into its stack.',
  annotations: { ...overwriting, destructiveHint: false, idempotentHint: true },
  input: z.strictObject(cardPlace),
  output: cardOperation,
  run: (place, context) =>
    change(context, place, { method: 'PUT', what: 'unarchive', json: {} }, 'unarchived'),
})

/** The tools for cards. */
export const deckCardTools: readonly Tool[] = [
  getCards,
  getCard,
  createCard,
  update,
  remove,
  archive,
  unarchive,
  reorder,
]

async function change(
  { nextcloud }: ToolContext,
  place: CardPlace,
  request: { readonly method: string; readonly what?: string; readonly json?: unknown },
  how: string,
) {
  await aboutDeck(deckRequest(nextcloud, z.unknown(), { ...request, place }), place)
  return done(`Card ${how} successfully`, place)
}

/** An input where null leaves a value and an empty text clears it. */
function clearable(value: string | null): string | null | undefined {
  return value === null ? undefined : value === '' ? null : value
}
