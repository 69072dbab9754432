/** A table of Markdown; cells are Markdown too, without line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Plain text for a cell. */
export function cellText(text: string): string {
  return text.replaceAll(/[\\|*_<>[\]`]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ')
}

export function link(label: string, url: string): string {
  return `[${cellText(label)}](${url})`
}

/** Plain text in which only what stands between backticks is markup. */
export function proseText(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') && part.length > 1 ? part : cellText(part)))
    .join('')
}
