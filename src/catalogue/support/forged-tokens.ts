import type { Finding } from '../check.js'
import type { TokenReception } from './token-probe.js'

/** One kind of token that a server must refuse, and what it did with it. */
export interface Forgery {
  /** What is wrong with the token, e.g. `exp is missing`. */
  readonly name: string
  /** Finding id when it is accepted. */
  readonly findingId: string
  readonly reception: TokenReception
}

/** Findings about accepted forgeries (one per finding id) and about odd answers to them. */
export function judgeForgeries(forgeries: readonly Forgery[]): Finding[] {
  const accepted = new Map<string, Forgery[]>()
  for (const forgery of forgeries) {
    if (forgery.reception !== 'accepted') continue
    accepted.set(forgery.findingId, [...(accepted.get(forgery.findingId) ?? []), forgery])
  }
  const odd = forgeries.filter(({ reception }) => reception.startsWith('status'))
  return [
    ...[...accepted].map(([id, group]) => ({
      id,
      message: `a forged token is accepted: ${group.map(({ name }) => name).join(', ')}`,
      expected: 'refused with 401',
      observed: group.map(({ name }) => name),
    })),
    ...(odd.length === 0
      ? []
      : [
          {
            id: 'not-refused-with-401',
            message: 'a forged token is not answered with 401',
            expected: 401,
            observed: Object.fromEntries(odd.map(({ name, reception }) => [name, reception])),
          },
        ]),
  ]
}

/** `name: reception` pairs for evidence. */
export function describeForgeries(forgeries: readonly Forgery[]): Record<string, string> {
  return Object.fromEntries(forgeries.map(({ name, reception }) => [name, reception]))
}
