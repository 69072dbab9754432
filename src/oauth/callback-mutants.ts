/** Deliberate faults of the toolkit's own callback listener: id to the one thing it does wrong. */
export const CALLBACK_MUTANTS = {
  'c-state-unchecked': 'any state is accepted: the code goes to the oldest pending flow',
  'c-error-ignored': 'an error response is shown to the person but not to the flow, which keeps waiting',
  'c-empty-code-exchanged': 'a response with an empty code, or none, is taken for a good one',
  'c-waits-forever': 'a flow waits for its response without end',
  'c-reflects-html': 'the page of an error response prints error_description as it is',
} as const

export type CallbackMutant = keyof typeof CALLBACK_MUTANTS
