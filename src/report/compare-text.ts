import type { Colors } from 'picocolors/types.js'
import { quoteUntrusted } from '../errors.js'
import { CHANGES, type Change, type ComparedCell, type ComparedRun, type Comparison } from './compare.js'
import { colorOf } from './live-suites.js'
import { code, escaped, named, table } from './markdown-text.js'
import { countOf, dateText, nextcloudText, oneLine, partText, VERDICT_LABELS } from './text.js'

const SYMBOLS: Readonly<Record<Change, string>> = {
  regression: '✗',
  improvement: '✓',
  changed: '~',
  added: '+',
  removed: '-',
  equal: '=',
}

/** Where the width of the output is not known. */
const WHY_CHARACTERS = 160
const MIN_WHY_CHARACTERS = 40

export interface CompareTextOptions {
  /** Show the cells that are the same too. */
  readonly all: boolean
  readonly colors: Colors
  /** Width of the terminal; absent when there is none. */
  readonly columns?: number
}

/** The comparison for a console: what the runs were, a line per cell that differs, the sums. */
export function renderComparison(comparison: Comparison, options: CompareTextOptions): string {
  const cells = shownCells(comparison, options.all)
  const blocks = [headerLines(comparison), tableLines(cells, options), [sumLine(comparison, options.colors)]]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** The comparison for a pull request or a job summary. */
export function renderComparisonMarkdown(comparison: Comparison, all: boolean): string {
  const cells = shownCells(comparison, all)
  const rows = cells.map((cell) => [
    `${SYMBOLS[cell.change]} ${cell.change}`,
    code(cell.check),
    cell.mode,
    cell.a === undefined ? '' : named(cell.a.verdict),
    cell.b === undefined ? '' : named(cell.b.verdict),
    escaped(cell.why),
  ])
  return [
    '# Comparison of two runs',
    `**${escaped(sumText(comparison))}.**`,
    table(
      ['', 'run'],
      (['a', 'b'] as const).map((side) => [
        side.toUpperCase(),
        factsOf(comparison, side).map(escaped).join('<br>'),
      ]),
    ),
    ...(rows.length === 0 ? [] : [table(['', 'check', 'mode', 'A', 'B', 'why'], rows)]),
  ]
    .join('\n\n')
    .concat('\n')
}

function shownCells({ cells }: Comparison, all: boolean): readonly ComparedCell[] {
  return all ? cells : cells.filter(({ change }) => change !== 'equal')
}

function headerLines(comparison: Comparison): readonly string[] {
  return (['a', 'b'] as const).flatMap((side) => {
    const [first = '', ...more] = factsOf(comparison, side)
    return [`${side.toUpperCase()}  ${first}`, ...more.map((line) => `   ${line}`)]
  })
}

/** What a run was, a line per subject. */
function factsOf(comparison: Comparison, side: 'a' | 'b'): readonly string[] {
  const run = comparison[side]
  const apps = appTexts(run, comparison[side === 'a' ? 'b' : 'a'])
  const targets = run.targets.map(({ mode, kind, serverInfo }) =>
    serverInfo === undefined
      ? `${mode} ${kind}`
      : `${mode} ${kind} (${serverInfo.name} ${serverInfo.version})`,
  )
  const part = partText(run)
  return [
    `${run.file}: ${run.tool.name} ${run.tool.version}, ${dateText(run.startedAt)}, ${run.cells} cells${part === undefined ? '' : `, ${part}`}`,
    [nextcloudText(run.nextcloud), ...apps].join(', '),
    `${targets.length === 0 ? 'no server' : targets.join(', ')}; user agent ${run.userAgent.version}`,
    ...(run.mutants.length === 0 ? [] : [`mutants: ${run.mutants.join(', ')}`]),
  ].map(oneLine)
}

/** The apps that both Nextclouds name; a real one has many more. */
function appTexts(run: ComparedRun, other: ComparedRun): readonly string[] {
  const apps = Object.entries(run.nextcloud.apps)
  const common = apps.filter(([app]) => Object.hasOwn(other.nextcloud.apps, app))
  const more = apps.length - common.length
  return [
    ...common.map(([app, version]) => `${app} ${version}`),
    ...(more === 0 ? [] : [`${countOf(more, 'app')} that only this one names`]),
  ]
}

function tableLines(
  cells: readonly ComparedCell[],
  { colors, columns }: CompareTextOptions,
): readonly string[] {
  if (cells.length === 0) return []
  const rows = cells.map((cell) => ({
    cell,
    texts: [
      `${SYMBOLS[cell.change]} ${cell.change}`,
      oneLine(cell.check),
      cell.mode,
      verdictText(cell.a),
      verdictText(cell.b),
    ],
  }))
  const header = ['', 'check', 'mode', 'A', 'B']
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map(({ texts }) => (texts[column] ?? '').length)),
  )
  const used = widths.reduce((sum, width) => sum + width + 2, 0)
  // Two for the quotation marks, one for the sign that something was cut off.
  const room = columns === undefined ? WHY_CHARACTERS : Math.max(MIN_WHY_CHARACTERS, columns - used - 3)
  const line = (
    texts: readonly string[],
    paint: (text: string, column: number) => string,
    why: string,
  ): string =>
    [...texts.map((text, column) => paint(text.padEnd(widths[column] ?? 0), column)), why]
      .join('  ')
      .trimEnd()
  return [
    line(header, (text) => colors.dim(text), colors.dim('why')),
    ...rows.map(({ cell, texts }) =>
      line(
        texts,
        (text, column) => painterOf(cell, column, colors)(text),
        cell.why === '' ? '' : quoted(cell.why, room),
      ),
    ),
  ]
}

/** @param room characters between the quotation marks; the sign of a cut comes on top. */
function quoted(text: string, room: number): string {
  const whole = quoteUntrusted(text, text.length)
  // Not in the middle of an escape.
  return whole.length <= room + 3 ? whole : `${whole.slice(0, room + 1).replace(/\\+$/, '')}…"`
}

function painterOf(cell: ComparedCell, column: number, colors: Colors): (text: string) => string {
  const verdict = column === 3 ? cell.a?.verdict : column === 4 ? cell.b?.verdict : undefined
  if (verdict !== undefined) return colorOf(verdict, colors)
  return column === 0 ? colorOfChange(cell.change, colors) : String
}

function colorOfChange(change: Change, colors: Colors): (text: string) => string {
  switch (change) {
    case 'regression':
      return colors.red
    case 'improvement':
      return colors.green
    case 'changed':
    case 'removed':
      return colors.yellow
    case 'added':
      return colors.cyan
    case 'equal':
      return colors.dim
  }
}

function verdictText(side: ComparedCell['a']): string {
  if (side === undefined) return ''
  const { symbol, label } = VERDICT_LABELS[side.verdict]
  return `${symbol} ${label}`
}

function sumLine(comparison: Comparison, colors: Colors): string {
  const { regression, removed } = comparison.summary
  // Nothing is known of what is no longer run.
  const color = regression > 0 ? colors.red : removed > 0 ? colors.yellow : colors.green
  return colors.bold(color(sumText(comparison)))
}

/** E.g. `no regression: 1 improvement, 88 equal`. */
function sumText({ summary }: Comparison): string {
  const words: Readonly<Record<Change, (count: number) => string>> = {
    regression: (count) => (count === 1 ? 'regression' : 'regressions'),
    improvement: (count) => (count === 1 ? 'improvement' : 'improvements'),
    changed: () => 'changed',
    added: () => 'added',
    removed: () => 'removed',
    equal: () => 'equal',
  }
  const counts = CHANGES.filter((change) => summary[change] > 0).map(
    (change) => `${summary[change]} ${words[change](summary[change])}`,
  )
  return summary.regression > 0 ? counts.join(', ') : `no regression: ${counts.join(', ')}`
}
