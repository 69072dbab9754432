import * as z from 'zod'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudStatusError } from '../nextcloud-errors.js'
import {
  boardSchema,
  cardSchema,
  deckRequest,
  labelSchema,
  stackSchema,
  type DeckPlace,
} from '../tools/deck-api.js'
import type { Resource, ResourceTemplate } from './resource.js'

const BOARDS_URI = 'nc://Deck/boards'

export const deckBoardsResource: Resource = {
  uri: BOARDS_URI,
  name: 'deck_boards_resource',
  title: 'Deck boards',
  description: "The user's Deck boards.",
  mimeType: 'application/json',
  scope: 'deck.read',
  read: (nextcloud) => deckRequest(nextcloud, z.array(boardSchema), {}),
}

/** The templates of Deck: what a board holds. */
export const deckTemplates: readonly ResourceTemplate[] = [
  template('deck_board_resource', 'Deck board', '/{board_id}', (nextcloud, place) =>
    deckRequest(nextcloud, boardSchema, { place }),
  ),
  template('deck_stacks_resource', 'Stacks of a board', '/{board_id}/stacks', (nextcloud, place) =>
    deckRequest(nextcloud, z.array(stackSchema), { place, what: 'stacks' }),
  ),
  template('deck_stack_resource', 'Stack', '/{board_id}/stacks/{stack_id}', (nextcloud, place) =>
    deckRequest(nextcloud, stackSchema, { place }),
  ),
  template(
    'deck_cards_resource',
    'Cards of a stack',
    '/{board_id}/stacks/{stack_id}/cards',
    async (nextcloud, place) => (await deckRequest(nextcloud, stackSchema, { place })).cards ?? [],
  ),
  template(
    'deck_card_resource',
    'Card',
    '/{board_id}/stacks/{stack_id}/cards/{card_id}',
    (nextcloud, place) => deckRequest(nextcloud, cardSchema, { place }),
  ),
  template(
    'deck_labels_resource',
    'Labels of a board',
    '/{board_id}/labels',
    async (nextcloud, place) => (await deckRequest(nextcloud, boardSchema, { place })).labels ?? [],
  ),
  template('deck_label_resource', 'Label', '/{board_id}/labels/{label_id}', (nextcloud, place) =>
    deckRequest(nextcloud, labelSchema, { place }),
  ),
]

function template(
  name: string,
  title: string,
  path: string,
  read: (nextcloud: NextcloudClient, place: DeckPlace) => Promise<unknown>,
): ResourceTemplate {
  const pattern = new RegExp(`^${BOARDS_URI}${path.replace(/\{(\w+)\}/g, String.raw`(?<$1>\d{1,15})`)}$`)
  return {
    uriTemplate: BOARDS_URI + path,
    name,
    title,
    description: `${title}, as Deck has it.`,
    mimeType: 'application/json',
    scope: 'deck.read',
    read(uri, nextcloud) {
      const ids = pattern.exec(uri)?.groups
      if (ids === undefined) return undefined
      const place = Object.fromEntries(Object.entries(ids).map(([id, text]) => [id, Number(text)]))
      return missingIsNotFound(read(nextcloud, place))
    },
  }
}

/** Deck answers 403 for what does not exist. */
async function missingIsNotFound(content: Promise<unknown>): Promise<unknown> {
  try {
    return await content
  } catch (error) {
    if (error instanceof NextcloudStatusError && error.status === 403) {
      throw new NextcloudStatusError(404, 'Not Found')
    }
    throw error
  }
}
