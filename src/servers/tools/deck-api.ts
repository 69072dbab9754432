import * as z from 'zod'
import type { NextcloudClient, NextcloudRequest } from '../nextcloud-client.js'
import { NextcloudFailure } from '../nextcloud-errors.js'

const BOARDS_PATH = '/index.php/apps/deck/api/v1.0/boards'

const userSchema = z.looseObject({ uid: z.string(), displayname: z.string() })

export const labelSchema = z.looseObject({ id: z.int(), title: z.string(), color: z.string() })
export const boardSchema = z.looseObject({
  id: z.int(),
  title: z.string(),
  owner: userSchema,
  color: z.string(),
  archived: z.boolean(),
  labels: z.array(labelSchema).nullable(),
})
export const cardSchema = z.looseObject({
  id: z.int(),
  title: z.string(),
  description: z.string().nullable().default(''),
  stackId: z.int(),
  type: z.string(),
  order: z.int(),
  archived: z.boolean(),
  done: z.string().nullable().default(null),
  duedate: z.string().nullable().default(null),
  owner: z.union([z.string(), userSchema]).describe('A user id, or the user'),
})
export const stackSchema = z.looseObject({
  id: z.int(),
  title: z.string(),
  boardId: z.int(),
  order: z.int(),
  cards: z.array(cardSchema).nullable().default([]),
})
export type Card = z.output<typeof cardSchema>

/** Ids that lead to a board, a stack, a card or a label. */
export interface DeckPlace {
  readonly board_id?: number
  readonly stack_id?: number
  readonly card_id?: number
  readonly label_id?: number
}

/** What is asked of Deck about a place, with `what` below it: a collection or an action. */
export interface DeckRequest extends Pick<NextcloudRequest, 'method' | 'json'> {
  readonly place?: DeckPlace
  readonly what?: string
}

/**
 * One request to Deck's API v1.0.
 *
 * @throws {NextcloudFailure} also when the answer does not have the form of `schema`.
 */
export async function deckRequest<Schema extends z.ZodType>(
  nextcloud: NextcloudClient,
  schema: Schema,
  { place = {}, what, ...request }: DeckRequest,
): Promise<z.output<Schema>> {
  const path = [
    BOARDS_PATH,
    place.board_id,
    ...below('stacks', place.stack_id),
    ...below('cards', place.card_id),
    ...below('labels', place.label_id),
    what,
  ]
  const { json } = await nextcloud.requestJson({
    ...request,
    path: path.filter((segment) => segment !== undefined).join('/'),
  })
  const parsed = schema.safeParse(json)
  if (!parsed.success)
    throw new NextcloudFailure('Nextcloud gave an answer about Deck that is not understood')
  return parsed.data
}

function below(collection: string, id: number | undefined): readonly (string | number)[] {
  return id === undefined ? [] : [collection, id]
}

/** Members of a card that Deck's update replaces as a whole. Times are RFC 3339. */
export interface CardChanges {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly type?: string | undefined
  readonly owner?: string | undefined
  readonly order?: number | undefined
  readonly duedate?: string | null | undefined
  readonly archived?: boolean | undefined
  readonly done?: string | null | undefined
}

/**
 * Changes a card: reads it, merges, writes it back whole, in the stack where it is, because Deck empties what an update
 * does not name and moves a card to the stack of the path.
 */
export async function updateCard(
  nextcloud: NextcloudClient,
  place: DeckPlace,
  changes: CardChanges,
): Promise<Card> {
  const card = await deckRequest(nextcloud, cardSchema, { place })
  const { archived } = changes
  return deckRequest(nextcloud, cardSchema, {
    method: 'PUT',
    place: { ...place, stack_id: card.stackId },
    json: {
      title: changes.title ?? card.title,
      description: changes.description ?? card.description ?? '',
      type: changes.type ?? card.type,
      owner: changes.owner ?? (typeof card.owner === 'string' ? card.owner : card.owner.uid),
      order: changes.order ?? card.order,
      duedate: changes.duedate === undefined ? card.duedate : changes.duedate,
      done: changes.done === undefined ? card.done : changes.done,
      // Deck refuses to archive a card that is archived.
      ...(archived === undefined || archived === card.archived ? {} : { archived }),
    },
  })
}

/**
 * Puts a card at a place of a stack. The target stands in the path, since Deck ignores the one in the body.
 *
 * @throws {NextcloudFailure} when the card is not where it was asked to be afterwards.
 */
export async function reorderCard(
  nextcloud: NextcloudClient,
  place: DeckPlace & { readonly card_id: number },
  order: number,
  targetStackId: number,
): Promise<void> {
  const cards = await deckRequest(nextcloud, z.array(cardSchema), {
    method: 'PUT',
    place: { ...place, stack_id: targetStackId },
    what: 'reorder',
    json: { order, stackId: targetStackId },
  })
  const card = cards.find(({ id }) => id === place.card_id)
  if (card?.stackId === targetStackId && card.order === order) return
  throw new NextcloudFailure(
    `Deck did not move card ${String(place.card_id)} to place ${String(order)} of stack ${String(targetStackId)}`,
  )
}
