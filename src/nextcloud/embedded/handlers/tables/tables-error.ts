/**
 * Why Tables refuses a request. `missing-row` and `unknown-column` are those that this release answers with 500.
 */
export type TablesErrorCode = 'bad-request' | 'missing-table' | 'missing' | 'missing-row' | 'unknown-column'

export class TablesError extends Error {
  readonly code: TablesErrorCode

  constructor(code: TablesErrorCode, message: string) {
    super(message)
    this.code = code
  }

  /** HTTP status; with `badInputIs500` (a quirk of profiles) that of the release. */
  status(badInputIs500: boolean): number {
    if (this.code === 'bad-request') return 400
    if (this.code === 'unknown-column') return badInputIs500 ? 500 : 400
    return this.code === 'missing-row' && badInputIs500 ? 500 : 404
  }
}
