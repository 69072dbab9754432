import type { Finding } from '../check.js'

/** Collects findings: those with the same id become one, whose `observed` is the list of all that was seen. */
export class Findings {
  readonly #byId = new Map<string, { finding: Finding; observed: unknown[] }>()

  add(finding: Finding): void {
    const known = this.#byId.get(finding.id)
    if (known === undefined) this.#byId.set(finding.id, { finding, observed: [finding.observed] })
    else known.observed.push(finding.observed)
  }

  /** In the order in which their ids were first added. */
  list(): Finding[] {
    return [...this.#byId.values()].map(({ finding, observed }) =>
      observed.length === 1 ? finding : { ...finding, observed },
    )
  }
}
