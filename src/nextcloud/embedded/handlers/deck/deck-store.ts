export interface BoardRow {
  readonly id: number
  readonly ownerId: string
  title: string
  /** Six hexadecimal digits. */
  color: string
  archived: boolean
  /** Seconds; 0 = never changed. */
  lastModified: number
  /** Seconds; 0 = not deleted. */
  deletedAt: number
}

export interface LabelRow {
  readonly id: number
  readonly boardId: number
  title: string
  color: string
  lastModified: number
}

export interface StackRow {
  readonly id: number
  boardId: number
  title: string
  order: number
  lastModified: number
  deletedAt: number
}

export interface CardRow {
  readonly id: number
  readonly ownerId: string
  readonly createdAt: number
  stackId: number
  title: string
  description: string
  /** The description before the last editor came; `null` until the first change. */
  descriptionPrev: string | null
  type: string
  order: number
  archived: boolean
  /** RFC 3339. */
  done: string | null
  duedate: string | null
  lastModified: number
  lastEditor: string | null
  deletedAt: number
  readonly labelIds: Set<number>
  readonly assignments: AssignmentRow[]
}

export interface AssignmentRow {
  readonly id: number
  readonly cardId: number
  readonly userId: string
}

/** State of the Deck app. Every board belongs to one user; nothing is shared. Ids are unique over all kinds. */
export class DeckStore {
  readonly boards = new Map<number, BoardRow>()
  readonly labels = new Map<number, LabelRow>()
  readonly stacks = new Map<number, StackRow>()
  readonly cards = new Map<number, CardRow>()
  /** Users who have their first board. */
  readonly welcomed = new Set<string>()

  labelsOf(boardId: number): LabelRow[] {
    return Array.from(this.labels.values()).filter((label) => label.boardId === boardId)
  }

  /** Stacks that are not deleted, in their order. */
  stacksOf(boardId: number): StackRow[] {
    return Array.from(this.stacks.values())
      .filter((stack) => stack.boardId === boardId && stack.deletedAt === 0)
      .sort((a, b) => a.order - b.order || a.id - b.id)
  }

  /** Cards that are not deleted, in their order: either the archived ones or the others. */
  cardsOf(stackId: number, archived = false): CardRow[] {
    return Array.from(this.cards.values())
      .filter((card) => card.stackId === stackId && card.deletedAt === 0 && card.archived === archived)
      .sort((a, b) => a.order - b.order || a.id - b.id)
  }
}
