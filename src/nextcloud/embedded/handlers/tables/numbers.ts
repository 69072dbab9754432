/** PHP's `(int)` of a scalar: leading digits count, the rest is dropped; what is no number is 0. */
export function integerCast(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : 0
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return 0
  return Number(/^\s*[+-]?\d{1,15}/.exec(value)?.[0] ?? 0)
}
