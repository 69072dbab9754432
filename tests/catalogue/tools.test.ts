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
      ['tools.webdav.round-trip', mode, 's-binary-mangled', ['read-otherwise']] as const,
      [
        'tools.webdav.paths',
        mode,
        's-path-traversal',
        ['changed-outside-root', 'listed-outside-root', 'read-outside-root', 'written-outside-root'],
      ] as const,
      ['tools.notes.missing', mode, 's-missing-note-empty-success', ['missing-note-succeeds']] as const,
    ]),
  )
})
