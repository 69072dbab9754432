import type { Bindings } from './replay-bindings.js'

const KINDS = ['note', 'table', 'view', 'column', 'row', 'board', 'stack', 'card', 'label']
const COLLECTION = new RegExp(`[/.](${KINDS.join('|')})s(?=$|[/?.[])`, 'g')
const REFERENCE = new RegExp(`\\.(${KINDS.join('|')})Id$`)

/**
 * What a member identifies: `boardId` a board, `id` whatever the last collection in the path holds.
 *
 * @param path path of the request, followed by the member's path in the body, such as `/boards/2body.labels[0].id`
 */
export function idKind(path: string): string | undefined {
  const reference = REFERENCE.exec(path)?.[1]
  if (reference !== undefined) return reference
  if (!path.endsWith('.id')) return undefined
  // The answer to an assignment shows the assignment, not the card.
  if (/\/(?:un)?assignUserbody\.id$/.test(path)) return 'assignment'
  return Array.from(path.replace(/body(?=[.[])/, '/').matchAll(COLLECTION)).at(-1)?.[1] ?? 'object'
}

/**
 * Binds a recorded id to the live one wherever requests name it: in a path, as a reference in JSON, as a key of a row's
 * data. Returns the live id that was bound before, if any.
 */
export function bindId(bindings: Bindings, kind: string, recorded: number, live: number): number {
  const forms = [
    (id: number) => `/${kind}s/${id}`,
    (id: number) => `"${kind}Id":${id}`,
    ...(kind === 'column' ? [(id: number) => `"${id}"`] : []),
  ]
  const [pathForm] = forms
  const known = bindings.get(pathForm?.(recorded) ?? '')
  if (known !== undefined) return Number(known.slice(known.lastIndexOf('/') + 1))
  for (const form of forms) bindings.bind(form(recorded), form(live))
  return live
}
