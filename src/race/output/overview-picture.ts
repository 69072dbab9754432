import { DOMImplementation, type Element } from '@xmldom/xmldom'
import type { RaceReport } from '../model.js'
import { plotColors, PLOT_WIDTH, SVG, svgText } from './figure.js'
import { causesOf, cleanReport, failingStep } from './readings.js'
import { remedyFigure } from './remedy-figure.js'

const COLUMNS = 2
const HEADING_HEIGHT = 44
const GAP = 24

/**
 * One picture of all causes: how often the first authorization succeeds with each remedy, by the time that the remedy
 * takes. A whole file with its own colours, for light and dark.
 */
export function renderOverview(untrusted: RaceReport): string {
  const report = cleanReport(untrusted)
  const document = new DOMImplementation().createDocument(SVG, 'svg', null)
  const element = (
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    text = '',
  ): Element => {
    const created = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value))
    if (text !== '') created.appendChild(document.createTextNode(text))
    return created
  }
  const panels = causesOf(report).flatMap((cause) => {
    const remedies = report.remedies.filter((remedy) => remedy.cause === cause)
    if (remedies.length === 0) return []
    return [{ cause, ...remedyFigure(`remedies-${cause}`, remedies, failingStep(report, cause)) }]
  })
  const columns = Math.min(COLUMNS, Math.max(1, panels.length))
  const panelHeight =
    HEADING_HEIGHT + Math.max(0, ...panels.map(({ picture }) => Number(picture.getAttribute('height'))))
  const width = GAP + columns * (PLOT_WIDTH + GAP)
  const height = GAP + Math.ceil(panels.length / columns) * (panelHeight + GAP)
  const root = document.documentElement as Element
  for (const [key, value] of Object.entries({
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-labelledby': 'overview-title',
    'font-family': 'system-ui, sans-serif',
  })) {
    root.setAttribute(key, String(value))
  }
  const style = `${plotColors('svg')}
svg { color: #1b2430; } .page { fill: #ffffff; } .plot text { white-space: pre; }
@media (prefers-color-scheme: dark) { svg { color: #e4e8ee; } .page { fill: #14171c; } }`
  root.appendChild(
    element(
      'title',
      { id: 'overview-title' },
      'Success of the first authorization with each remedy, by cause',
    ),
  )
  root.appendChild(element('style', {}, style))
  root.appendChild(element('rect', { class: 'page', width: '100%', height: '100%' }))
  for (const [index, { cause, picture }] of panels.entries()) {
    const x = GAP + (index % columns) * (PLOT_WIDTH + GAP)
    const y = GAP + Math.floor(index / columns) * (panelHeight + GAP)
    root.appendChild(
      element(
        'text',
        { x: x + 8, y: y + 20, 'font-size': 18, 'font-weight': 600, fill: 'currentColor' },
        cause,
      ),
    )
    const panel = document.importNode(picture, true)
    panel.setAttribute('x', String(x))
    panel.setAttribute('y', String(y + HEADING_HEIGHT))
    root.appendChild(panel)
  }
  return `${svgText(root)}\n`
}
