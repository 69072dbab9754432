import { isJsonObject } from './json.js'

/** Where two JSON values differ first, keys in alphabetical order. */
export interface Difference {
  /** RFC 6901; empty for the whole value. */
  readonly pointer: string
  /** `undefined` where the value is absent. */
  readonly left: unknown
  readonly right: unknown
}

/** The first difference of two JSON values; `undefined` when they are deeply equal. The order of members is no difference. */
export function firstDifference(left: unknown, right: unknown, pointer = ''): Difference | undefined {
  if (Array.isArray(left) && Array.isArray(right)) {
    return firstOf(
      Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index),
      (index) => firstDifference(left[index] as unknown, right[index] as unknown, `${pointer}/${index}`),
    )
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
    return firstOf(names, (name) =>
      firstDifference(
        left[name],
        right[name],
        `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      ),
    )
  }
  return Object.is(left, right) ? undefined : { pointer, left, right }
}

function firstOf<T>(items: readonly T[], find: (item: T) => Difference | undefined): Difference | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
