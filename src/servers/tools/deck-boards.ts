import * as z from 'zod'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { boardSchema, deckRequest, stackSchema } from './deck-api.js'
import { aboutDeck, boardId, color, done, operation, plainColor, stackId, title } from './deck-common.js'
import { envelope, stamped } from './envelope.js'
import { defineTool, type Tool } from './tool.js'

const getBoards = defineTool({
  name: 'deck_get_boards',
  title: 'List boards',
  description: "Lists the user's Deck boards.",
  annotations: reading,
  input: z.strictObject({}),
  output: z.object({ boards: z.array(boardSchema) }),
  run: async (_input, { nextcloud }) => ({
    boards: await aboutDeck(deckRequest(nextcloud, z.array(boardSchema), {}), {}),
  }),
})

const getBoard = defineTool({
  name: 'deck_get_board',
  title: 'Read board',
  description: 'Reads a board with its labels and users.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId }),
  output: boardSchema,
  run: (place, { nextcloud }) => aboutDeck(deckRequest(nextcloud, boardSchema, { place }), place),
})

const createBoard = defineTool({
  name: 'deck_create_board',
  title: 'Create board',
  description: 'Creates a board.',
  annotations: writing,
  input: z.strictObject({ title, color }),
  output: z.object({ ...envelope, id: z.int(), title: z.string(), color: z.string() }),
  async run(input, { nextcloud }) {
    const json = { title: input.title, color: plainColor(input.color) }
    const board = await aboutDeck(deckRequest(nextcloud, boardSchema, { method: 'POST', json }), {})
    return { ...stamped(), id: board.id, title: board.title, color: board.color }
  },
})

const getStacks = defineTool({
  name: 'deck_get_stacks',
  title: 'List stacks',
  description: 'Lists the stacks of a board with their cards.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId }),
  output: z.object({ stacks: z.array(stackSchema) }),
  run: async (place, { nextcloud }) => ({
    stacks: await aboutDeck(deckRequest(nextcloud, z.array(stackSchema), { place, what: 'stacks' }), place),
  }),
})

const getStack = defineTool({
  name: 'deck_get_stack',
  title: 'Read stack',
  description: 'Reads a stack with its cards.',
  annotations: reading,
  input: z.strictObject({ board_id: boardId, stack_id: stackId }),
  output: stackSchema,
  run: (place, { nextcloud }) => aboutDeck(deckRequest(nextcloud, stackSchema, { place }), place),
})

const createStack = defineTool({
  name: 'deck_create_stack',
  title: 'Create stack',
  description: 'Creates a stack on a board.',
  annotations: writing,
  input: z.strictObject({ board_id: boardId, title, order: z.int().describe('Place on the board') }),
  output: z.object({ ...envelope, id: z.int(), title: z.string(), order: z.int(), board_id: z.int() }),
  async run({ board_id, ...json }, { nextcloud }) {
    const place = { board_id }
    const stack = await aboutDeck(
      deckRequest(nextcloud, stackSchema, { method: 'POST', place, what: 'stacks', json }),
      place,
    )
    return { ...stamped(), id: stack.id, title: stack.title, order: stack.order, board_id }
  },
})

const updateStack = defineTool({
  name: 'deck_update_stack',
  title: 'Update stack',
  description: 'Renames a stack or moves it on its board; what is not given stays.',
  annotations: overwriting,
  input: z.strictObject({
    board_id: boardId,
    stack_id: stackId,
    title: title.nullable().default(null),
    order: z.int().nullable().default(null),
  }),
  output: operation({ board_id: z.int(), stack_id: z.int() }),
  async run({ title: newTitle, order, ...place }, { nextcloud }) {
    // Deck wants both members.
    const stack = await aboutDeck(deckRequest(nextcloud, stackSchema, { place }), place)
    const json = { title: newTitle ?? stack.title, order: order ?? stack.order }
    await aboutDeck(deckRequest(nextcloud, stackSchema, { method: 'PUT', place, json }), place)
    return done('Stack updated successfully', place)
  },
})

const deleteStack = defineTool({
  name: 'deck_delete_stack',
  title: 'Delete stack',
  description: 'Deletes a stack and with it its cards.',
  annotations: deleting,
  input: z.strictObject({ board_id: boardId, stack_id: stackId }),
  output: operation({ board_id: z.int(), stack_id: z.int() }),
  async run(place, { nextcloud }) {
    await aboutDeck(deckRequest(nextcloud, z.unknown(), { method: 'DELETE', place }), place)
    return done('Stack deleted successfully', place)
  },
})

/** The tools for boards and stacks. */
export const deckBoardTools: readonly Tool[] = [
  getBoards,
  getBoard,
  createBoard,
  getStacks,
  getStack,
  createStack,
  updateStack,
  deleteStack,
]
