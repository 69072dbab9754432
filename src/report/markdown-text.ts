import type { Verdict } from './model.js'
import { oneLine, VERDICT_LABELS } from './text.js'

const MAX_CELL_CHARACTERS = 400

/** A table; its cells are markup already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A verdict as people read it. */
export function named(verdict: Verdict): string {
  const { label, symbol } = VERDICT_LABELS[verdict]
  return `${symbol} ${label}`
}

/** Text in which nothing is markup, a mention or a line break. */
export function escaped(text: string): string {
  const line = oneLine(text)
  const cut = line.length > MAX_CELL_CHARACTERS ? `${line.slice(0, MAX_CELL_CHARACTERS)}…` : line
  return cut
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|~#!$]/g, '\\$&')
    .replaceAll('@', '&#64;')
}

/** A name as code. */
export function code(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}
