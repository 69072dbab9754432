/**
 * Whose cookies came last: what `s-shared-cookie-jar` sends with the next user's request. The model citizen sends no
 * cookie at all; it only knows of them so that the mutant is asked about where it would act.
 */
export class CookieTrail {
  #last: { readonly userId: string; readonly cookie: string } | undefined

  /** The cookies of another user, when they came last. */
  ofAnother(userId: string): string | undefined {
    return this.#last === undefined || this.#last.userId === userId ? undefined : this.#last.cookie
  }

  remember(userId: string, setCookies: readonly string[]): void {
    // Of two cookies with one name the later one counts.
    const pairs = new Map(
      setCookies.map((line) => [line.split('=')[0] ?? '', line.split(';')[0] ?? ''] as const),
    )
    if (pairs.size > 0) this.#last = { userId, cookie: [...pairs.values()].join('; ') }
  }
}
