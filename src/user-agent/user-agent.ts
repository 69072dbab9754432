/** What the person in front of the browser does at the consent page. */
export type ConsentDecision = 'allow' | 'deny'

export interface AuthorizeInput {
  /** The complete authorization request URL. */
  readonly authorizationUrl: string
  /** Where the authorization response is expected; navigation to it ends the visit. */
  readonly redirectUri: string
  readonly userId: string
  readonly password: string
  /** Default `allow`. */
  readonly consent?: ConsentDecision
  /** Upper bound for the whole visit, ms. Default 30 000. */
  readonly timeoutMs?: number
}

/** A page that the person saw, in order. Its screenshot holds no secret (passwords are masked by the field). */
export interface VisitedPage {
  readonly kind: 'login' | 'redirect' | 'consent' | 'callback' | 'dashboard' | 'error' | 'other'
  /** URL without query and fragment. */
  readonly url: string
  readonly title: string
  /** PNG; only the browser agent makes them. */
  readonly screenshot?: Uint8Array
}

export interface AuthorizeVisit {
  /** The full URL of the authorization response; `null` when the visit ended elsewhere. Secret: holds the code. */
  readonly callbackUrl: string | null
  readonly pages: readonly VisitedPage[]
  /** For a visit that ended elsewhere: visible text of the last page, at most 500 characters. */
  readonly lastPageText?: string
  /** HTTP status of the last page, where known. */
  readonly lastPageStatus?: number
}

/** Takes a person's part at Nextcloud's login and consent pages. One instance may serve many visits at once. */
export interface UserAgent extends AsyncDisposable {
  readonly kind: 'browser' | 'http'
  /** Name and version for the report, e.g. `Chromium 141.0` or `http`. */
  readonly version: string
  /**
   * Visits the authorization request as the user: logs in, consents or denies, follows to the client.
   *
   * @throws {HarnessError} `NCMC_LOGIN_FAILED` when the password is refused, `NCMC_FLOW_TIMEOUT` when the
   * visit takes too long, `NCMC_BROWSER_FAILED` when the browser stops.
   */
  authorize(input: AuthorizeInput): Promise<AuthorizeVisit>
  close(): Promise<void>
}
