import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the parity suite', () => {
  itJudgesTheModelCitizen('parity')
  itTurnsRed([
    ['parity.tool-set', 'both', 's-oauth-drops-tool', ['missing-in-oauth']],
    ['parity.schemas', 'both', 's-oauth-extra-required-argument', ['input-schema-differs']],
    ['parity.results', 'both', 's-oauth-different-shape', ['notes-delete-differs']],
    [
      'parity.resources',
      'both',
      's-oauth-no-resources',
      ['resource-missing-in-oauth', 'template-missing-in-oauth'],
    ],
  ])
})
