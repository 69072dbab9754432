/** Lets a part of a server end the whole server. Only mutants do that: the model citizen never stops by itself. */
export interface Lifecycle {
  die(reason: string): void
}
