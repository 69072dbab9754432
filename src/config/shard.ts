import type { Shard } from '../engine/plan.js'

/** Reads `<i>/<n>`, e.g. `1/4`, with i from 1 to n and n at most 9999; `undefined` for any other text. */
export function parseShard(text: string): Shard | undefined {
  const [, index, total] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text.trim()) ?? []
  const shard = { index: Number(index), total: Number(total) }
  return shard.index <= shard.total ? shard : undefined
}
