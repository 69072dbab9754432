import type { ServerMutant } from '../mutants.js'
import { looksLikeJwt } from './jwt.js'
import { Lookalikes } from './lookalikes-mutant.js'
import { TokenCache } from './token-cache.js'
import { INVALID } from './verification.js'
import type { Identity, Verification } from './verification.js'

export type Verify = (token: string) => Promise<Verification>

export interface TokenVerifierOptions {
  /** Checks tokens that are JWTs, with the published keys. */
  readonly verifyJwt: Verify
  /** Asks the authorization server about all other tokens. */
  readonly verifyOpaque: Verify
  readonly mutants: ReadonlySet<ServerMutant>
  /** Default `Date.now`. */
  readonly nowMs?: () => number
}

/** What was found out about a good token. */
interface KnownToken {
  readonly identity: Identity
  /** From then on it is looked up again. */
  readonly checkAgainMs: number
}

/** Within this time a revocation is noticed; clients send their requests in bursts, so that more saves little. */
const MAX_CACHE_MS = 3_000
const MUTANT_CACHE_MS = 3_600_000
/** So many are refused where nobody looks for `s-unbounded-cache`. */
const MUTANT_SPARES_TOKENS = 110
const MUTANT_BYTES_PER_TOKEN = 512 * 1024

/**
 * Says whether an access token is good for this server, and whose it is (OAuth 2.1 §5.2). Only successes
 * are remembered: a refusal may be corrected and an outage may end at any moment.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #nowMs: () => number
  readonly #cache = new TokenCache<KnownToken>()
  readonly #lookalikes: Lookalikes
  /** Checks under way, so that many first requests with one token cause one check. */
  readonly #pending = new Map<string, Promise<Verification>>()

  /** What `s-negative-cache-outage` remembers. */
  readonly #outages = new TokenCache<Verification>()

  #refusals = 0
  /** What `s-unbounded-cache` keeps. */
  readonly #kept: Buffer[] = []

  constructor(options: TokenVerifierOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
    this.#lookalikes = new Lookalikes(() => options.mutants.has('s-cache-key-truncated'))
  }

  /** Never throws for anything that the token or the authorization server does. */
  verify(token: string): Promise<Verification> {
    const nowMs = this.#nowMs()
    const known = this.#cache.get(token, nowMs) ?? this.#lookalikes.find(token, this.#cache, nowMs)
    const { mutants } = this.#options
    if (known !== undefined && (nowMs < known.checkAgainMs || mutants.has('s-cache-ignores-revocation')))
      return Promise.resolve({ status: 'valid', identity: known.identity })
    let pending = this.#pending.get(token)
    if (pending === undefined) {
      pending = this.#check(token).finally(() => this.#pending.delete(token))
      this.#pending.set(token, pending)
    }
    return pending
  }

  async #check(token: string): Promise<Verification> {
    const remembered = this.#outages.get(token, this.#nowMs())
    if (remembered !== undefined) return remembered
    const verification = await this.#decide(token)
    if (verification.status === 'valid') this.#remember(token, verification)
    if (verification.status === 'invalid') {
      this.#refusals += 1
      if (this.#refusals > MUTANT_SPARES_TOKENS && this.#options.mutants.has('s-unbounded-cache'))
        this.#kept.push(Buffer.alloc(MUTANT_BYTES_PER_TOKEN, token))
    }
    if (verification.status === 'unavailable' && this.#options.mutants.has('s-negative-cache-outage'))
      this.#outages.set(token, INVALID, this.#nowMs() + MUTANT_CACHE_MS)
    return verification
  }

  /** A JWT is decided by its own content: asking elsewhere after a failure would overrule it. */
  async #decide(token: string): Promise<Verification> {
    const { verifyJwt, verifyOpaque, mutants } = this.#options
    if (!looksLikeJwt(token)) return verifyOpaque(token)
    const verification = await verifyJwt(token)
    if (verification.status === 'invalid' && mutants.has('s-fallback-overrides-failure'))
      return verifyOpaque(token)
    return verification
  }

  #remember(token: string, { identity, expiresAtSeconds }: Verification & { status: 'valid' }): void {
    const nowMs = this.#nowMs()
    const announcedEndMs = expiresAtSeconds === undefined ? Infinity : expiresAtSeconds * 1000
    const isFixed = this.#options.mutants.has('s-cache-fixed-ttl')
    const endMs = isFixed ? nowMs + MUTANT_CACHE_MS : announcedEndMs
    if (endMs <= nowMs) return
    this.#cache.set(token, { identity, checkAgainMs: isFixed ? endMs : nowMs + MAX_CACHE_MS }, endMs)
    this.#lookalikes.add(token)
  }
}
