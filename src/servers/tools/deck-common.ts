import * as z from 'zod'
import type { DeckPlace } from './deck-api.js'
import { envelope, stamped } from './envelope.js'
import { wordedAsUsual } from './wording.js'

export const boardId = z.int().describe('Id of the board')
export const stackId = z.int().describe('Id of the stack')
export const cardId = z.int().describe('Id of the card')
export const labelId = z.int().describe('Id of the label')
export const title = z.string().min(1).max(100)
export const cardTitle = z.string().min(1).max(255)
export const color = z
  .string()
  .regex(/^#?[0-9A-Fa-f]{6}$/)
  .describe('Six hexadecimal digits, such as 31CC7C')

/** A colour as Deck takes it. */
export function plainColor(text: string): string {
  return text.replace('#', '')
}

/** Output of a tool that changes something and has nothing else to show than what it was about. */
export function operation<Ids extends z.ZodRawShape>(ids: Ids) {
  return z.object({ ...envelope, status_code: z.int().nullable(), message: z.string(), ...ids })
}

/** The result of such a tool. */
export function done<Ids extends DeckPlace>(message: string, ids: Ids) {
  return { ...stamped(), status_code: null, message, ...ids }
}

/**
 * Words Deck's refusals: it answers 403 for what is missing, deleted or another user's.
 *
 * @param texts by status, where a tool knows better
 */
export function aboutDeck<T>(
  result: Promise<T>,
  place: DeckPlace,
  texts: Readonly<Record<number, string>> = {},
): Promise<T> {
  const path = named(place)
  const [what = 'Boards', ...around] = path
  const where = around.length === 0 ? '' : ` (${around.join(', ')})`
  const missing = `${what}${where} not found, or access denied`
  return wordedAsUsual(result, `${what}${where}`, { 403: missing, 404: missing, ...texts })
}

/** What a place names, the innermost first. */
function named({ board_id, stack_id, card_id, label_id }: DeckPlace): string[] {
  return Object.entries({ Label: label_id, Card: card_id, Stack: stack_id, Board: board_id })
    .filter(([, id]) => id !== undefined)
    .map(([kind, id], index) => `${index === 0 ? kind : kind.toLowerCase()} ${String(id)}`)
}
