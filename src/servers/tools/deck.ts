import { deckBoardTools } from './deck-boards.js'
import { deckCardTools } from './deck-cards.js'
import { deckLabelTools } from './deck-labels.js'
import type { Tool } from './tool.js'

/** The tools of Nextcloud's Deck app. */
export const deckTools: readonly Tool[] = [...deckBoardTools, ...deckCardTools, ...deckLabelTools]
