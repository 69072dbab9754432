import { isJsonObject } from './json.js'

const ID_MEMBER = /^(?:id|uid|token|.*_ids?|.*[a-z]I[dD]s?)$/
const ETAG_MEMBER = /etag$/i
const TIME_MEMBER = /^(?:timestamp|modified|created|dtstamp|mtime|last_?[mM]odified|.*_at|.*[a-z]At)$/
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
/** Hashes and Nextcloud's etags. */
const HEX = /\b(?=[0-9a-f]*\d)[0-9a-f]{13,64}\b/g
const INSTANT = /\b\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g
const HTTP_DATE = /\b[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\b/g
const DAY_MS = 86_400_000

/**
 * Replaces what differs from call to call (ids, etags, present times, generated names) by its kind, so that the
 * answers of two servers can be compared. One function for both sides: what is equal before is equal after.
 */
export class Masking {
  readonly #markers = new Set<string>()
  readonly #ids = new Set<string>()
  readonly #nowMs = Date.now()

  /** A word that was made up for one side; it is replaced wherever it stands. */
  learnMarker(marker: string): void {
    this.#markers.add(marker)
  }

  /** Ids that an answer names, so that error texts about them are masked too. */
  learnIds(value: unknown): void {
    if (Array.isArray(value)) {
      for (const item of value) this.learnIds(item)
    } else if (isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (
          ID_MEMBER.test(name) &&
          (typeof member === 'number' || (typeof member === 'string' && member !== ''))
        ) {
          this.#ids.add(String(member))
        } else {
          this.learnIds(member)
        }
      }
    }
  }

  /** A JSON value with everything masked. */
  mask(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number') return this.#isPresent(value) ? '<time>' : value
    if (Array.isArray(value)) return value.map((item) => this.mask(item))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [this.text(name), this.#member(name, member)]),
    )
  }

  text(value: string): string {
    let masked = value
    for (const marker of this.#markers) masked = masked.replaceAll(marker, '<marker>')
    for (const id of this.#ids) {
      // As a part of a longer number or word it is something else.
      masked = masked.replaceAll(new RegExp(`(?<![0-9A-Za-z])${escaped(id)}(?![0-9A-Za-z])`, 'g'), '<id>')
    }
    return masked
      .replaceAll(UUID, '<uuid>')
      .replaceAll(INSTANT, (instant) => (this.#isPresent(Date.parse(extended(instant))) ? '<time>' : instant))
      .replaceAll(HTTP_DATE, (date) => (this.#isPresent(Date.parse(date)) ? '<time>' : date))
      .replaceAll(HEX, '<hash>')
  }

  #member(name: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#member(name, item))
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return this.mask(value)
    // The type stays visible: a number here and a text there is a difference.
    if (ETAG_MEMBER.test(name)) return `<etag ${typeof value}>`
    if (ID_MEMBER.test(name)) return `<id ${typeof value}>`
    if (TIME_MEMBER.test(name)) return `<time ${typeof value}>`
    return this.mask(value)
  }

  /** Within a day of now, as ms or as seconds since the epoch. */
  #isPresent(value: number): boolean {
    return [value, value * 1000].some((ms) => Math.abs(ms - this.#nowMs) < DAY_MS)
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
}

/** The basic form of ISO 8601, as iCalendar has it, in the form that `Date.parse` knows. */
function extended(instant: string): string {
  return instant.replace(/^(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})/, '$1-$2-$3T$4:$5:$6')
}
