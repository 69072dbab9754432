import type { Explanations } from './explanation.js'
import { TOKEN_ISSUE } from './tokens/issue.js'
import { TOKEN_USE } from './tokens/use.js'

/** What the pages of the tokens checks say. */
export const TOKENS_EXPLANATIONS: Explanations = { ...TOKEN_ISSUE, ...TOKEN_USE }
