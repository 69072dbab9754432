import type { RaceReport } from '../model.js'

export { consoleTable } from './console-table.js'

/**
 * The page of a run of the laboratory: one self-contained file without scripts, in the look of the report. The library
 * that draws the plots is loaded only now.
 */
export async function htmlPage(report: RaceReport): Promise<string> {
  const { renderPage } = await import('./html-page.js')
  return renderPage(report)
}

/** Success of the first authorization against the time of each remedy, a panel per cause: an SVG file of its own. */
export async function raceSvg(report: RaceReport): Promise<string> {
  const { renderOverview } = await import('./overview-picture.js')
  return renderOverview(report)
}
