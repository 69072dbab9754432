import { describe, expect, it } from 'vitest'
import { compileSchema, type CompiledSchema } from '../../src/catalogue/support/json-schema.js'

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#'

function errorOf(compiled: CompiledSchema, value: unknown): string | undefined {
  if (compiled.kind !== 'usable') throw new Error(compiled.kind)
  return compiled.errorOf(value)
}

describe('a schema of a tool', () => {
  it('says what is wrong with a value', () => {
    const compiled = compileSchema({
      type: 'object',
      properties: { id: { type: 'integer' } },
      required: ['id'],
    })
    expect(errorOf(compiled, { id: 1 })).toBeUndefined()
    expect(errorOf(compiled, { id: '1' })).toContain('/id must be integer')
    expect(errorOf(compiled, {})).toContain("required property 'id'")
  })

  it('is read in its own dialect', () => {
    // An array of schemas is `items` of draft-07 and wrong in 2020-12.
    const schema = { type: 'object', properties: { pair: { items: [{ type: 'string' }] } } }
    expect(errorOf(compileSchema({ $schema: DRAFT_07, ...schema }), { pair: [1] })).toContain(
      'must be string',
    )
    expect(compileSchema(schema).kind).toBe('wrong')
    expect(compileSchema({ $schema: 'https://example.org/other' }).kind).toBe('other-dialect')
  })

  it('that is wrong is told from one that can be used', () => {
    for (const schema of [{ required: 'id' }, { $ref: '#/$defs/nowhere' }, { $schema: 7 }]) {
      expect(compileSchema(schema)).toMatchObject({ kind: 'wrong' })
    }
  })

  it('may bear the $id of another one', () => {
    const schema = { $id: 'https://example.org/tool', type: 'object' }
    expect(errorOf(compileSchema({ ...schema, required: ['a'] }), {})).toContain("'a'")
    expect(errorOf(compileSchema({ ...schema, required: ['b'] }), {})).toContain("'b'")
  })
})
