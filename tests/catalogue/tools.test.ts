import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { withRun } from './support/handle.js'

/** The error-path tests of the seed, by its names. */
const SEED_TESTS = [
  'missing note',
  'delete missing',
  'empty query',
  'missing parameters',
  'invalid etag',
  'missing calendar',
  'missing file',
  'missing table',
]

describe('the tools suite', () => {
  itJudgesTheModelCitizen('tools')
  itTurnsRed(
    (['basic', 'oauth'] as const).flatMap((mode) => [
      ['tools.list.schemas', mode, 's-invalid-schema', ['invalid-schema']] as const,
      ['tools.output.conforms', mode, 's-output-off-schema', ['off-schema']] as const,
      [
        'tools.notes.crud',
        mode,
        's-update-drops-category',
        ['other-field-changed', 'update-not-applied'],
      ] as const,
      ['tools.notes.search', mode, 's-empty-query-errors', ['empty-query-errors']] as const,
      [
        'tools.notes.append',
        mode,
        's-append-overwrites',
        ['additions-not-in-order', 'old-content-lost'],
      ] as const,
      [
        'tools.notes.etag-conflict',
        mode,
        's-etag-ignored',
        ['invented-etag-accepted', 'parallel-updates-both-won', 'stale-etag-accepted'],
      ] as const,
      [
        'tools.calendar.round-trip',
        mode,
        's-event-time-shifted',
        ['read-otherwise', 'stored-at-another-time'],
      ] as const,
      [
        'tools.tables.round-trip',
        mode,
        's-column-mismatch',
        ['inserted-otherwise', 'updated-otherwise'],
      ] as const,
      ['tools.webdav.round-trip', mode, 's-binary-mangled', ['read-otherwise']] as const,
      [
        'tools.webdav.paths',
        mode,
        's-path-traversal',
        ['changed-outside-root', 'listed-outside-root', 'read-outside-root', 'written-outside-root'],
      ] as const,
      ['tools.notes.missing', mode, 's-missing-note-empty-success', ['missing-note-succeeds']] as const,
      ['tools.missing-others', mode, 's-404-as-success', ['missing-thing-succeeds']] as const,
      [
        'tools.error.invalid-arguments',
        mode,
        's-missing-param-default',
        ['missing-argument-accepted', 'missing-not-told'],
      ] as const,
      ['tools.error.unknown-tool', mode, 's-unknown-tool-success', ['unknown-tool-succeeds']] as const,
      ['tools.unicode', mode, 's-unicode-normalised', ['created-otherwise']] as const,
      [
        'tools.large-content',
        mode,
        's-truncates-large',
        ['file-not-read-whole', 'note-not-read-whole'],
      ] as const,
      ['tools.list.pagination', mode, 's-cursor-loops', ['list-never-ends']] as const,
      ['tools.concurrency', mode, 's-response-id-swapped', ['answer-of-other-call']] as const,
    ]),
  )

  it('has the error-path tests of the seed by name, in the catalogue and in what is observed', async () => {
    const covering = CHECKS.filter(({ covers = [] }) => covers.length > 0)
    expect(covering.flatMap(({ covers = [] }) => covers).toSorted()).toEqual(SEED_TESTS.toSorted())
    await withRun({ modes: ['basic'] }, async ({ cell }) => {
      for (const { id, covers = [] } of covering) {
        const result = await cell(id, 'basic')
        expect(result.covers).toEqual(covers)
        expect(Object.keys(result.observed as object)).toEqual(expect.arrayContaining([...covers]))
      }
    })
  })
})
