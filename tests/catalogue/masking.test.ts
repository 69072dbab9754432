import { describe, expect, it } from 'vitest'
import { firstDifference } from '../../src/catalogue/support/difference.js'
import { Masking } from '../../src/catalogue/support/masking.js'

describe('masking', () => {
  it('hides what differs from call to call, and keeps its type', () => {
    const masking = new Masking()
    masking.learnMarker('ncmc0123')
    const now = new Date()
    expect(
      masking.mask({
        id: 17,
        note_ids: ['a', 'b'],
        etag: '"66f1c2a9b3e4d"',
        timestamp: now.toISOString(),
        modified: 1_700_000_000,
        path: '/ncmc0123/ncmc0123nothing.txt',
        seen: Math.round(now.getTime() / 1000),
        text: `stamped ${now.toUTCString()} by 550e8400-e29b-41d4-a716-446655440000`,
      }),
    ).toEqual({
      id: '<id number>',
      note_ids: ['<id string>', '<id string>'],
      etag: '<etag string>',
      timestamp: '<time string>',
      modified: '<time number>',
      path: '/<marker>/<marker>nothing.txt',
      seen: '<time>',
      text: 'stamped <time> by <uuid>',
    })
  })

  it('leaves everything else, times of another day among it', () => {
    const data = {
      title: 'a',
      total: 3,
      start: '20310405T120000Z',
      valid: true,
      none: null,
      word: 'deadbeef',
    }
    expect(new Masking().mask(data)).toEqual(data)
  })

  it('replaces known ids in texts as whole words only', () => {
    const masking = new Masking()
    masking.learnIds({ results: [{ id: 17 }] })
    expect(masking.text('Note 17 not found in /17, unlike 117 or 17a')).toBe(
      'Note <id> not found in /<id>, unlike 117 or 17a',
    )
  })
})

describe('the first difference', () => {
  it.each([
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, undefined],
    [
      { a: 1, b: [1, 2] },
      { b: [1, 3], a: 1 },
      { pointer: '/b/1', left: 2, right: 3 },
    ],
    [{ a: [1] }, { a: [1, 2] }, { pointer: '/a/1', left: undefined, right: 2 }],
    [{ 'x/y': { '~': 1 } }, { 'x/y': {} }, { pointer: '/x~1y/~0', left: 1, right: undefined }],
    [{ a: null }, { a: {} }, { pointer: '/a', left: null, right: {} }],
    ['a', 'b', { pointer: '', left: 'a', right: 'b' }],
  ])('of %j and %j', (left, right, expected) => {
    expect(firstDifference(left, right)).toEqual(expected)
  })
})
