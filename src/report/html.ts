import { createHash } from 'node:crypto'
import { Eta } from 'eta'
import { SCRIPT } from './html-script.js'
import { STYLE } from './html-style.js'
import { EVIDENCE_TEMPLATE, PAGE_TEMPLATE } from './html-template.js'
import { htmlView } from './html-view.js'
import type { RunReport } from './model.js'
import { withoutControls } from './text.js'

/**
 * `index.html`: the whole report in one file that loads nothing. Its policy lets only our own script run, and
 * every text of the report is escaped.
 *
 * @param screenshots file name, as the evidence names it, to PNG.
 */
export function renderHtml(report: RunReport, screenshots: ReadonlyMap<string, Uint8Array>): string {
  const eta = new Eta({
    autoEscape: true,
    autoFilter: true,
    filterFunction: (value) => withoutControls(String(value)),
  })
  const page = eta.compile(PAGE_TEMPLATE)
  const evidence = eta.compile(EVIDENCE_TEMPLATE)
  const dataUris = new Map(
    [...screenshots].map(([file, png]) => [
      file,
      `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    ]),
  )
  return eta.render(page, {
    view: htmlView(report, dataUris),
    style: STYLE,
    script: SCRIPT,
    csp: contentSecurityPolicy(),
    renderEvidence: (items: unknown) => eta.render(evidence, { items }),
  })
}

function contentSecurityPolicy(): string {
  const hash = createHash('sha256').update(SCRIPT).digest('base64')
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}
