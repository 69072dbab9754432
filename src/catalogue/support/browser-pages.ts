import type { VisitedPage } from '../../user-agent/user-agent.js'
import type { CheckContext } from '../context.js'

/** Puts what the person saw into the evidence: one line per page, and its picture where there is one. */
export function recordPages(
  ctx: Pick<CheckContext, 'note' | 'screenshot'>,
  pages: readonly VisitedPage[],
): void {
  for (const [index, page] of pages.entries()) {
    ctx.note(`page ${index + 1}: ${page.kind} ${page.url} "${page.title}"`)
    if (page.screenshot !== undefined) ctx.screenshot(`${index + 1}-${page.kind}`, page.screenshot)
  }
}
