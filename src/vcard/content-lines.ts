/**
 * The content lines of a vCard (RFC 6350, 3.2), unfolded, without line ends. What a library would rewrite, such as an
 * odd date or an unknown property, stays as its author wrote it.
 */
export function contentLines(vcard: string): readonly string[] {
  return vcard
    .replace(/\r\n|\r|\n/g, '\n')
    .replace(/\n[ \t]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

/** The property that a content line is about, in capitals and without its group; empty when it is no property. */
export function propertyNameOf(line: string): string {
  return (/^(?:[\w-]+\.)?([\w-]+)(?=[;:])/.exec(line)?.[1] ?? '').toUpperCase()
}

const MAX_LINE_OCTETS = 75

/** A vCard from content lines, folded at 75 octets, never inside a character. */
export function vcardOf(lines: readonly string[]): string {
  return lines.map((line) => `${fold(line)}\r\n`).join('')
}

function fold(line: string): string {
  if (Buffer.byteLength(line) <= MAX_LINE_OCTETS) return line
  let folded = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > MAX_LINE_OCTETS) {
      folded += '\r\n '
      octets = 1
    }
    folded += character
    octets += size
  }
  return folded
}
