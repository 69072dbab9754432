/** A failed request to Nextcloud that means the same for every tool. The message is safe to show as it is. */
export class NextcloudFailure extends Error {}

/** An error status of Nextcloud that a tool words for its user. */
export class NextcloudStatusError extends Error {
  readonly status: number
  /** Reason phrase, such as `Not Found`. */
  readonly reason: string

  constructor(status: number, reason: string) {
    super(`Nextcloud answered HTTP ${String(status)}`)
    this.status = status
    this.reason = reason
  }
}

/** What `s-html-as-result` makes a result of; the message is the page. */
export class UnavailablePage extends NextcloudFailure {}
