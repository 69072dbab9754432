import { isUnexpected, type RunReport, type Verdict } from './model.js'

/** How a verdict is named and marked: never by colour alone. */
export const VERDICT_LABELS: Readonly<Record<Verdict, { readonly label: string; readonly symbol: string }>> =
  {
    error: { label: 'error', symbol: '‼' },
    failed: { label: 'failed', symbol: '✗' },
    'not-testable': { label: 'not testable', symbol: '?' },
    warning: { label: 'warning', symbol: '!' },
    'known-deviation': { label: 'known deviation', symbol: '≈' },
    'not-applicable': { label: 'not applicable', symbol: '–' },
    passed: { label: 'passed', symbol: '✓' },
  }

/** A text as one line without control characters, so that a target cannot write to a terminal or split a table. */
export function oneLine(text: string): string {
  return withoutControls(text.replaceAll(/\s*[\r\n]+\s*/g, ' '))
}

/** A text without the control characters that XML and terminals choke on; line breaks and tabs stay. */
export function withoutControls(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g,
      '\ufffd',
    )
}

/** A value for people: strings as they are, everything else as indented JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined ? 'undefined' : JSON.stringify(value, null, 2)
}

/** E.g. `840 ms`, `12.3 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** A time of `report.json` for people, e.g. `2026-11-23 13:00:00 UTC`. */
export function dateText(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')
}

/** E.g. `embedded (oidc-2.0.9), Nextcloud 32.0.2`. */
export function nextcloudText(nextcloud: {
  readonly kind: string
  readonly profile?: string | undefined
  readonly version: string
}): string {
  const profile = nextcloud.profile === undefined ? '' : ` (${nextcloud.profile})`
  return `${nextcloud.kind}${profile}, Nextcloud ${nextcloud.version}`
}

/** E.g. `1 cell`, `2 cells`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What part of a run a report is about, e.g. `shard 1 of 2`; `undefined` for a whole run that needed no merging. */
export function partText({ shard, merged }: Pick<RunReport, 'shard' | 'merged'>): string | undefined {
  if (shard !== undefined) return `shard ${shard.index} of ${shard.total}`
  if (merged === undefined) return undefined
  const { total, missing } = merged
  const without =
    missing.length === 0
      ? ''
      : `, without ${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')} of ${total}`
  return `merged from ${countOf(total - missing.length, 'shard')}${without}`
}

/**
 * What a run comes to, as a sentence without full stop; `good` only when it conforms, `partial` when nothing is red
 * but not all of it was there.
 */
export function conclusionOf(
  report: Pick<RunReport, 'exitCode' | 'results' | 'shard' | 'merged' | 'staleDeviations'>,
): {
  readonly tone: 'good' | 'partial' | 'bad'
  readonly text: string
} {
  const { shard, merged, results } = report
  if (report.exitCode === 0) {
    const part = partText(report)
    if (shard !== undefined && results.length === 0)
      return { tone: 'partial', text: `Nothing ran: ${part ?? ''} is empty` }
    const accepted = results.filter(({ baselined }) => baselined === true).length
    const but = accepted === 0 ? '' : ` but for ${countOf(accepted, 'accepted finding')}`
    const unseen = results.filter(({ outOfReach }) => outOfReach === true).length
    const tone = accepted === 0 && unseen === 0 ? 'good' : 'partial'
    if (shard !== undefined) return { tone, text: `Conforms${but} in ${part ?? ''}` }
    if (merged !== undefined && merged.missing.length > 0)
      return { tone: 'partial', text: `Conforms${but} as far as it ran: ${part ?? ''}` }
    return { tone, text: `Conforms${but}${unseen === 0 ? '' : ' as far as this set-up can show'}` }
  }
  if (report.exitCode !== 1) return { tone: 'bad', text: 'The toolkit could not finish its work' }
  const has = (verdict: Verdict): boolean =>
    results.some((result) => result.verdict === verdict && isUnexpected(result))
  if (has('failed')) return { tone: 'bad', text: 'Does not conform' }
  if (has('warning')) return { tone: 'bad', text: 'Breaks recommendations' }
  if (has('not-testable')) return { tone: 'bad', text: 'Not everything could be tested' }
  if (results.every(({ outOfReach, verdict }) => outOfReach === true || verdict === 'not-applicable'))
    return { tone: 'bad', text: 'Nothing could be judged' }
  if (report.staleDeviations.length > 0) return { tone: 'bad', text: 'A known deviation no longer happens' }
  return { tone: 'bad', text: 'The baseline accepts what no longer happens' }
}

/** Why cells could not be judged in this set-up, with how many each reason left out. */
export function outOfReachReasons({ results }: Pick<RunReport, 'results'>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { outOfReach, message } of results)
    if (outOfReach === true) counts.set(message, (counts.get(message) ?? 0) + 1)
  return counts
}
