import { Eta } from 'eta'
import { STYLE } from '../../report/html-style.js'
import type { RaceReport } from '../model.js'
import type { DataTable } from './figure.js'
import { PAGE_STYLE } from './page-style.js'
import { PAGE_TEMPLATE, TABLE_TEMPLATE } from './page-template.js'
import { pageView } from './page-view.js'
import { cleanReport } from './readings.js'

/** Nothing is loaded, and nothing runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** The report as one file that loads nothing and has no script; every text of it is escaped. */
export function renderPage(report: RaceReport): string {
  const eta = new Eta({ autoEscape: true })
  const page = eta.compile(PAGE_TEMPLATE)
  const table = eta.compile(TABLE_TEMPLATE)
  return eta.render(page, {
    view: pageView(cleanReport(report)),
    style: STYLE + PAGE_STYLE,
    csp: POLICY,
    renderTable: (data: DataTable) => eta.render(table, data),
  })
}
