import { randomAlphanumeric, sha512Hex } from './handlers/oidc/random.js'

/** How long a flow lives from its start, on the instance's clock. */
const LIFE_SECONDS = 20 * 60
const TOKEN_LENGTH = 128

/** What a poll after the grant returns, in wire spelling. */
export interface LoginFlowCredentials {
  readonly server: string
  readonly loginName: string
  readonly appPassword: string
}

/** One Login Flow v2: begun by a client that polls, granted by a user in a browser. */
export interface LoginFlow {
  readonly loginToken: string
  readonly pollTokenHash: string
  readonly clientName: string
  readonly createdSeconds: number
  /** Set by the grant; kept in clear until the one poll that takes it. */
  credentials: LoginFlowCredentials | null
}

/** The running login flows of an instance. Times are seconds on its clock. */
export class LoginFlows {
  readonly #byLoginToken = new Map<string, LoginFlow>()
  readonly #byPollTokenHash = new Map<string, LoginFlow>()

  /** Begins a flow and returns its two tokens; the poll token is kept as a hash only. */
  begin(clientName: string, nowSeconds: number): { pollToken: string; loginToken: string } {
    for (const flow of this.#byLoginToken.values()) {
      // In order of their start, so the first living one ends the search.
      if (isAlive(flow, nowSeconds)) break
      this.#remove(flow)
    }
    const [pollToken, loginToken] = [randomAlphanumeric(TOKEN_LENGTH), randomAlphanumeric(TOKEN_LENGTH)]
    const flow: LoginFlow = {
      loginToken,
      pollTokenHash: sha512Hex(pollToken),
      clientName,
      createdSeconds: nowSeconds,
      credentials: null,
    }
    this.#byLoginToken.set(loginToken, flow)
    this.#byPollTokenHash.set(flow.pollTokenHash, flow)
    return { pollToken, loginToken }
  }

  /** The living flow of a login token. */
  find(loginToken: string, nowSeconds: number): LoginFlow | undefined {
    const flow = this.#byLoginToken.get(loginToken)
    return flow !== undefined && isAlive(flow, nowSeconds) ? flow : undefined
  }

  /** Takes the credentials of a granted, living flow and ends it: a second call finds nothing. */
  collect(pollToken: string, nowSeconds: number): LoginFlowCredentials | undefined {
    const flow = this.#byPollTokenHash.get(sha512Hex(pollToken))
    if (flow?.credentials == null || !isAlive(flow, nowSeconds)) return undefined
    this.#remove(flow)
    return flow.credentials
  }

  #remove(flow: LoginFlow): void {
    this.#byLoginToken.delete(flow.loginToken)
    this.#byPollTokenHash.delete(flow.pollTokenHash)
  }
}

function isAlive(flow: LoginFlow, nowSeconds: number): boolean {
  return nowSeconds - flow.createdSeconds <= LIFE_SECONDS
}
