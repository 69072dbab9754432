import type { FailingAnswer } from './model.js'

/** More different ones than this are not told apart. */
const MAX_KINDS = 10

/** Counts the answers by which something failed; the most frequent first. */
export class FailingAnswers {
  readonly #counts = new Map<string, FailingAnswer>()

  add(answer: Omit<FailingAnswer, 'count'>): void {
    const key = JSON.stringify([answer.step, answer.status, answer.error, answer.description])
    const known = this.#counts.get(key)
    this.#counts.set(key, { ...answer, count: (known?.count ?? 0) + 1 })
  }

  list(): FailingAnswer[] {
    return [...this.#counts.values()]
      .toSorted((first, second) => second.count - first.count)
      .slice(0, MAX_KINDS)
  }
}
