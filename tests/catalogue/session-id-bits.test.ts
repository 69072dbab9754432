import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { unpredictableBits } from '../../src/catalogue/resource-server/session-id-quality.js'

const ids = (make: (index: number) => string): string[] =>
  Array.from({ length: 60 }, (_, index) => make(index))
/** RFC 9562 version 7: the time first, then 74 random bits. */
const uuidV7 = (index: number): string => {
  const time = (1_795_600_000_000 + index).toString(16).padStart(12, '0')
  return `${time}7${randomBytes(10).toString('hex').slice(0, 19)}`
}

describe('what is unpredictable in session ids', () => {
  it.each([
    ['version 4 UUIDs', () => randomUUID()],
    ['UUIDs without hyphens', () => randomUUID().replaceAll('-', '')],
    ['192 bits in base64url', () => randomBytes(24).toString('base64url')],
    ['a name before 128 bits', () => `session-${randomBytes(16).toString('hex')}`],
  ])('is enough in %s', (_, make) => {
    expect(unpredictableBits(ids(make))).toBeGreaterThanOrEqual(120)
  })

  it.each([
    ['numbers', (index: number) => String(index)],
    ['numbers behind a long name', (index: number) => `session-0123456789abcdef0123456789abcdef-${index}`],
    ['times', (index: number) => `${1_795_600_000_000 + index}`],
    ['64 random bits', () => randomBytes(8).toString('hex')],
    ['times with 74 random bits', uuidV7],
    ['the same id', () => createHash('sha256').update('x').digest('hex')],
  ])('is not in %s', (_, make) => {
    expect(unpredictableBits(ids(make))).toBeLessThan(120)
  })
})
