import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/html.js'
import type { Verdict } from '../../src/report/model.js'
import { resolveBrowser } from '../../src/user-agent/resolve-browser.js'

import { fixtureReport, HOSTILE, result, SCREENSHOTS } from './fixture-report.js'

describe('index.html in a browser', () => {
  let browser: Browser
  let folder: string
  let page: Page
  const problems: string[] = []
  const requests: string[] = []

  beforeAll(async () => {
    const { executablePath, args } = await resolveBrowser()
    browser = await chromium.launch({ executablePath, args: [...args] })
    folder = await mkdtemp(join(tmpdir(), 'ncmc-html-'))
    await writeFile(join(folder, 'index.html'), renderHtml(fixtureReport(), SCREENSHOTS))
  })
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    problems.length = 0
    requests.length = 0
    page = await browser.newPage({ viewport: { width: 1500, height: 950 } })
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => requests.push(request.url().slice(0, 40)))
    await page.goto(pathToFileURL(join(folder, 'index.html')).href)
  })
  afterEach(async () => {
    await page.close()
  })

  it('shows a matrix of checks and modes with every verdict in words', async () => {
    const row = page.locator('tr', { hasText: 'rs.token.audience' })
    await expect(row.locator('a.cell').allInnerTexts()).resolves.toEqual(['– not applicable', '✗ failed'])
    const columns = page.locator('[data-suite=resource-server] thead th')
    await expect(columns.allInnerTexts()).resolves.toEqual(['check', 'basic', 'oauth'])
    const words = await page.locator('#matrix a.cell').allInnerTexts()
    expect(new Set(words.map((text) => text.slice(2)))).toEqual(
      new Set(['passed', 'failed', 'warning', 'known deviation', 'not testable', 'not applicable', 'error']),
    )
  })

  it('opens the evidence of a failure: message, expected, observed, numbered exchanges, clause', async () => {
    await page.locator('a.cell.v-failed').click()
    const evidence = page.locator('.evidence:visible')
    await expect(evidence.count()).resolves.toBe(1)
    const text = await evidence.innerText()
    expect(text).toContain('a token for another resource was accepted')
    expect(text).toContain('foreign-audience-accepted')
    expect(text).toContain('"challenge": "error=\\"invalid_token\\""')
    expect(text).toContain('positive control: the same request')
    await expect(evidence.locator('.exchange .number').allInnerTexts()).resolves.toEqual(['1', '2'])
    await expect(evidence.locator('.sources a').getAttribute('href')).resolves.toBe(
      'https://www.rfc-editor.org/rfc/rfc9728.html#section-3.3',
    )
    await page.keyboard.press('Escape')
    await expect(page.locator('.evidence:visible').count()).resolves.toBe(0)
    await expect(page.locator('.overview').isVisible()).resolves.toBe(true)
  })

  it('filters by verdict, by suite and by text', async () => {
    const rows = page.locator('tbody tr:visible')
    await expect(rows.count()).resolves.toBe(7)
    await page.locator('.chip.v-failed').click()
    await expect(rows.locator('code').allInnerTexts()).resolves.toEqual(['rs.token.audience'])
    await page.locator('.chip.v-failed').click()
    await page.locator('#filter-suite').selectOption('tools')
    await expect(rows.locator('code').allInnerTexts()).resolves.toEqual(['tools.notes.update'])
    await page.locator('#filter-suite').selectOption('')
    await page.locator('#filter-text').fill('positive CONTROL')
    await expect(rows.locator('code').allInnerTexts()).resolves.toEqual(['parity.tools'])
    await page.locator('#filter-text').fill('clear field')
    await expect(rows.locator('code').allInnerTexts()).resolves.toEqual(['tools.notes.update'])
    await rows.locator('a.cell').first().click()
    await expect(page.locator('.evidence:visible').innerText()).resolves.toContain('covers “clear field”')
    await page.locator('#filter-text').fill('no such text')
    await expect(page.locator('#nothing').isVisible()).resolves.toBe(true)
  })

  it('keeps texts of a target as texts, loads nothing and obeys its own policy', async () => {
    await page.locator('a.cell.v-warning').click()
    const message = await page.locator('.evidence:visible .message').innerText()
    expect(message).toContain('<script>document.title="owned"</script>')
    await expect(page.title()).resolves.toBe('The toolkit could not finish its work · nc-mcp-conformance')
    await expect(page.locator('script').count()).resolves.toBe(1)
    expect(problems).toEqual([])
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
  })

  it('refuses every script but its own', async () => {
    await page.evaluate(`
      const script = document.createElement('script')
      script.textContent = 'document.title = "owned"'
      document.body.append(script)
    `)
    await expect(page.title()).resolves.not.toBe('owned')
    expect(problems.join()).toContain('Content Security Policy')
  })

  it('shows the last lines of the logs as text', async () => {
    const log = page.locator('.overview details', { hasText: 'Nextcloud' })
    await log.locator('summary').click()
    expect(await log.locator('pre').innerText()).toContain('a line of the log')
    expect(await log.locator('pre').innerText()).toContain('<script>')
  })

  it('shows the screenshots and says where the tokens came from', async () => {
    const overview = page.locator('.overview')
    await expect(overview.innerText()).resolves.toContain('logged in with Chromium 141.0')
    const width = await page.evaluate(`document.querySelector('.overview img').naturalWidth`)
    expect(width).toBe(1)
  })

  it('shows verdicts and evidence without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto(pathToFileURL(join(folder, 'index.html')).href)
    await plain.locator('a.cell.v-failed').click()
    await expect(plain.locator('.evidence:visible').innerText()).resolves.toContain(
      'foreign-audience-accepted',
    )
    await context.close()
  })
})

describe('index.html', () => {
  it('holds no text of a target unescaped', () => {
    const html = renderHtml(fixtureReport(), SCREENSHOTS)
    expect(html).not.toContain(HOSTILE.slice(0, 20))
    expect(html).not.toContain('\u001b')
  })
})

describe('advice', () => {
  const page = (verdict: Verdict): string =>
    renderHtml({ ...fixtureReport(), results: [result({ check: 'rs.token.query', verdict })] }, new Map())

  it.each(['failed', 'warning', 'known-deviation'] as const)('of a %s check is on the page', (verdict) => {
    expect(page(verdict)).toContain('<h3>Why it matters</h3>')
    expect(page(verdict)).toMatch(/<h3>What to do<\/h3><p>.*<code>Authorization<\/code>/)
  })

  it.each(['passed', 'not-applicable', 'not-testable', 'error'] as const)(
    'is not given when %s',
    (verdict) => {
      expect(page(verdict)).not.toContain('What to do')
    },
  )
})
