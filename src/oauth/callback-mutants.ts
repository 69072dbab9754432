/** Deliberate faults of the toolkit's own callback listener: id to the one thing it does wrong. */
export const CALLBACK_MUTANTS = {
  'c-state-unchecked': 'any state is accepted: the code goes to the oldest pending flow',
} as const

export type CallbackMutant = keyof typeof CALLBACK_MUTANTS
