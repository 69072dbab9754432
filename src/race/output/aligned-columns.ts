import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** A cell may hold colours, wide characters and no line break. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** No column becomes narrower, however long the others are. */
const MIN_WIDTH = 5

/**
 * Lines of a table whose columns are as wide as they need to be. Where the width does not suffice, the widest columns
 * give way first, and their texts go on in the next line.
 *
 * @param width in columns of a terminal.
 */
export function alignColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const wanted = columns.map((_column, index) => Math.max(...all.map((row) => stringWidth(row[index] ?? ''))))
  const available = (gap: string): number => width - gap.length * (columns.length - 1)
  const gap = sumOf(wanted) <= available('  ') ? '  ' : ' '
  const widths = fitted(wanted, available(gap))
  return all.flatMap((row) => {
    const cells = widths.map((columnWidth, index) =>
      wrapAnsi(row[index] ?? '', columnWidth, { hard: true }).split('\n'),
    )
    return Array.from({ length: Math.max(...cells.map((lines) => lines.length)) }, (_line, line) =>
      cells
        .map((lines, index) => padded(lines[line] ?? '', widths[index] ?? 0, columns[index]?.align ?? 'left'))
        .join(gap)
        .trimEnd(),
    )
  })
}

/** Takes from the widest, one by one, until all fit. */
function fitted(wanted: readonly number[], available: number): readonly number[] {
  const widths = [...wanted]
  let over = sumOf(widths) - available
  for (; over > 0; over -= 1) {
    const widest = Math.max(...widths)
    if (widest <= MIN_WIDTH) break
    widths[widths.lastIndexOf(widest)] = widest - 1
  }
  return widths
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function padded(text: string, width: number, align: Column['align']): string {
  const padding = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'left' ? text + padding : padding + text
}
