import { describe, expect, it } from 'vitest'
import { listItems } from '../../src/catalogue/support/list-answer.js'
import { readToolAnswer } from '../../src/catalogue/support/tool-answer.js'

const ROWS = [
  { id: 1, data: [{ columnId: 7, value: 'a' }] },
  { id: 2, data: [] },
]

function answer(texts: readonly unknown[], structuredContent?: unknown) {
  const content = texts.map((text) => ({ type: 'text', text: JSON.stringify(text) }))
  return readToolAnswer({
    status: 200,
    headers: new Headers(),
    text: '',
    sessionId: undefined,
    message: {
      id: 1,
      result: { content, ...(structuredContent === undefined ? {} : { structuredContent }) },
    },
  })
}

describe('the items of a list', () => {
  it.each([
    ['wrapped in structured content', answer([{ rows: ROWS }], { rows: ROWS })],
    ['wrapped in the JSON of a text', answer([{ rows: ROWS }])],
    ['wrapped under a usual name', answer([], { result: ROWS })],
    ['as one array', answer([ROWS])],
    ['as one block each', answer(ROWS)],
  ])('are found %s', (_form, given) => {
    expect(listItems(given, 'rows')).toEqual(ROWS)
  })

  it('are none without blocks, and one block that holds a list of its own is one item', () => {
    expect(listItems(answer([]), 'rows')).toEqual([])
    expect(listItems(answer(ROWS.slice(0, 1)), 'rows')).toEqual(ROWS.slice(0, 1))
  })
})
