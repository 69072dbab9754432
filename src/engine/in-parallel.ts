/**
 * Maps items with at most `limit` calls at a time; results keep the order of the items. The first failure is
 * thrown once the calls that had begun are over.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const queue = items.entries()
  const lane = async (): Promise<void> => {
    // One iterator is shared by all lanes: each entry is taken once.
    for (const [index, item] of queue) results[index] = await map(item, index)
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.max(1, limit) }, lane))
  const failed = lanes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results
}
