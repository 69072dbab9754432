import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the tools suite', () => {
  itJudgesTheModelCitizen('tools')
  itTurnsRed(
    (['basic', 'oauth'] as const).flatMap((mode) => [
      ['tools.list.schemas', mode, 's-invalid-schema', ['invalid-schema']] as const,
      [
        'tools.notes.crud',
        mode,
        's-update-drops-category',
        ['other-field-changed', 'update-not-applied'],
      ] as const,
      [
        'tools.notes.etag-conflict',
        mode,
        's-etag-ignored',
        ['invented-etag-accepted', 'parallel-updates-both-won', 'stale-etag-accepted'],
      ] as const,
      [
        'tools.tables.round-trip',
        mode,
        's-column-mismatch',
        ['inserted-otherwise', 'updated-otherwise'],
      ] as const,
      ['tools.notes.missing', mode, 's-missing-note-empty-success', ['missing-note-succeeds']] as const,
    ]),
  )
})
