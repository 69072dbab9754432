/** Why Deck refuses a request, as it tells it in the body. */
export class DeckError extends Error {
  readonly status: number

  constructor(status: 400 | 403 | 404 | 500, message: string) {
    super(message)
    this.status = status
  }
}

/** What is missing and what is another user's look alike. */
export function permissionDenied(): DeckError {
  return new DeckError(403, 'Permission denied')
}
