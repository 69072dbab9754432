import type { Finding } from '../check.js'

/** Collects findings: those with the same id become one, whose `observed` is the list of all that was seen. */
export class Findings {
  readonly #byId = new Map<string, { finding: Finding; observed: unknown[] }>()

  add(finding: Finding): void {
    const known = this.#byId.get(finding.id)
    if (known === undefined) this.#byId.set(finding.id, { finding, observed: [finding.observed] })
    else known.observed.push(finding.observed)
  }

  /** By id: the order in which answers of parallel requests came is left to chance. */
  list(): Finding[] {
    const sorted = [...this.#byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
    return sorted.map(({ finding, observed }) => (observed.length === 1 ? finding : { ...finding, observed }))
  }
}
