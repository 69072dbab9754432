import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the parity suite', () => {
  itJudgesTheModelCitizen('parity')
  itTurnsRed([['parity.tool-set', 'both', 's-oauth-drops-tool', ['missing-in-oauth']]])
})
