type Listener = (mutant: string) => void

/** Tells the reference server's process to write a line to stderr for each mutant that it asks about. */
export const TELL_MUTANTS = 'NCMC_TELL_MUTANTS'
/** Beginning of these lines; the mutant's id follows. */
export const MUTANT_LINE_PREFIX = 'ncmc-mutant-asked '

let listener: Listener | undefined

/** Calls back whenever code asks whether a mutant is on; `undefined` ends it. One listener in a process. */
export function onMutantAsked(tell: Listener | undefined): void {
  listener = tell
}

/** Whether anybody wants to know which mutants are asked about. */
export function isMutantListenedFor(): boolean {
  return listener !== undefined
}

/** Passes on that a process of ours asked about a mutant. */
export function tellMutantAsked(mutant: string): void {
  listener?.(mutant)
}

/**
 * The deliberate faults that are on. Code that behaves otherwise under a mutant asks this set, each time anew and only
 * where it matters: what was never asked about a mutant cannot be changed by it (docs/decisions/0009).
 */
export class MutantSet<Id extends string> extends Set<Id> {
  override has(mutant: Id): boolean {
    listener?.(mutant)
    return super.has(mutant)
  }
}
