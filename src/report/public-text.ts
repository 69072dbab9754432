import { Redactor } from '../evidence/redactor.js'
import { oneLine } from './text.js'

/**
 * A text of a target for systems that show it to others: one line without control characters, cut to `maxLength`
 * characters. The report holds no known secret; what stands in a secret place all the same becomes a fingerprint.
 */
export function publicText(text: string, maxLength: number): string {
  const line = new Redactor().text(oneLine(text))
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}
