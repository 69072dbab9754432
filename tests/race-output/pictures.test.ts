import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RaceReport } from '../../src/race/model.js'
import { htmlPage, raceSvg } from '../../src/race/output/index.js'
import { resolveBrowser } from '../../src/user-agent/resolve-browser.js'
import { fixtureReport, HOSTILE } from './fixture-report.js'

describe('the page and the picture in a browser', () => {
  let browser: Browser
  let folder: string
  const problems: string[] = []
  const requests: string[] = []

  beforeAll(async () => {
    const { executablePath, args } = await resolveBrowser()
    browser = await chromium.launch({ executablePath, args: [...args] })
    folder = await mkdtemp(join(tmpdir(), 'ncmc-race-'))
  })
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(
    name: string,
    text: string,
    options: { width?: number; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<Page> {
    const { width = 1_400, colorScheme = 'light' } = options
    problems.length = 0
    requests.length = 0
    await writeFile(join(folder, name), text)
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => requests.push(request.url().slice(0, 60)))
    await page.goto(pathToFileURL(join(folder, name)).href)
    return page
  }

  it('shows the diagnoses first, then per cause steps, remedies, latencies and a failing trial', async () => {
    const report = fixtureReport()
    const page = await open('page.html', await htmlPage(report))
    const found = await page.locator('.diagnoses li').allInnerTexts()
    expect(found.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual(
      report.diagnoses.map(({ cause, sentence }) => `${cause === 'none' ? '✓' : '✗'} ${cause} ${sentence}`),
    )
    await page.locator('.diagnoses a', { hasText: 'replica-lag' }).click()
    const cause = page.locator('#cause-replica-lag')
    await expect(cause.locator('h3').allInnerTexts()).resolves.toEqual([
      'Success of each step against the delay after the write that it depends on',
      'Success of the first authorization against the time that a remedy takes',
      'Time that each remedy takes',
      'A failing trial: number 17 with fixed-wait',
    ])
    const captions = (await cause.locator('figcaption').allInnerTexts()).join('\n')
    expect(captions).toContain('Late: read-client (always from 2.25 s), token (always from 2.25 s)')
    expect(captions).toContain('Always succeeding: client-read-probe (2.07 s).')
    expect(captions).toContain('Grey: the step token')
    expect(captions).toContain('token at 690 ms (✗ 400)')
    await expect(page.locator('#server + .wide td').allInnerTexts()).resolves.toEqual(
      expect.arrayContaining(['15.0 %', '20', '5.2–36', '1', '0.5']),
    )
    await page.close()
  })

  it('draws what was measured', async () => {
    const page = await open('page.html', await htmlPage(fixtureReport()))
    const steps = await look<Mark[]>(page, `marks(picture(0), 'circle')`)
    // Seven steps, nine delays each; a band per step.
    expect(steps).toHaveLength(63)
    expect(await look(page, `picture(0).querySelectorAll('[aria-label=area] path').length`)).toBe(7)
    // In the row of a late step the first delay is below the last one, and left of it.
    const first = markNamed(steps, 'token, 0 ms after the write: 0 %')
    const last = markNamed(steps, 'token, 3 s after the write: 100 %')
    expect(first.top - last.top).toBeGreaterThan(15)
    expect(last.left - first.left).toBeGreaterThan(300)

    const remedies = await look<Mark[]>(page, `marks(picture(1), '[aria-label=dot] path')`)
    expect(remedies).toHaveLength(7)
    const probe = markNamed(remedies, 'client-read-probe: 100 % (98.1–100 %)')
    const wait = markNamed(remedies, 'fixed-wait: 0 % (0–1.9 %)')
    expect(wait.top - probe.top).toBeGreaterThan(150)
    expect(probe.left - wait.left).toBeGreaterThan(150)
    // Exactly at its success and at its median time.
    const other = await look<Mark[]>(page, `marks(picture(1, 'token-lag'), '[aria-label=dot] path')`)
    const all = markNamed(other, 'client-read-probe')
    const none = markNamed(other, 'none')
    const custom = markNamed(other, 'custom:')
    const [allMs, customMs] = ['client-read-probe', HOSTILE.remedy].map(
      (name) => fixtureReport().remedies.find(({ remedy }) => remedy === name)!.extraLatencyMs.p50,
    )
    expect((none.middle - custom.middle) / (none.middle - all.middle)).toBeCloseTo(0.4, 2)
    expect((custom.center - none.center) / (all.center - none.center)).toBeCloseTo(customMs! / allMs!, 2)
    // Labels do not lie on each other.
    const labels = await look<Mark[]>(page, `marks(picture(1), '[aria-label=text] text')`)
    const tops = labels.map(({ top }) => top).sort((a, b) => a - b)
    expect(tops).toHaveLength(7)
    for (const [index, top] of tops.slice(1).entries()) expect(top - tops[index]!).toBeGreaterThan(8)

    // The waterfall: a bar per entry, the wait the longest.
    const widths = (await look<Mark[]>(page, `marks(picture(3), 'rect')`)).map(({ width }) => width)
    expect(widths).toHaveLength(7)
    const rows = (await look<Mark[]>(page, `marks(picture(3), 'text')`)).map(({ text }) => text)
    expect(rows).toContain('token POST /apps/oidc/token')
    expect(rows).toContain('discovery GET …wn/openid-configuration')
    expect(Math.max(...widths)).toBe(widths[2])
    await page.close()
  })

  it('loads nothing, runs nothing and lets no text of a target be more than text', async () => {
    const page = await open('page.html', await htmlPage(fixtureReport()))
    expect(problems).toEqual([])
    expect(requests).toHaveLength(1)
    await expect(page.title()).resolves.toBe('Registration race · nc-mcp-conformance')
    const live = page.locator('script, img, image, iframe, foreignObject, [onerror], a[href^="javascript"]')
    await expect(live.count()).resolves.toBe(0)
    // Our own style alone; none came with a text.
    await expect(page.locator('style').count()).resolves.toBe(1)
    await expect(page.locator('main').isVisible()).resolves.toBe(true)
    const text = await look<string>(page, 'document.body.textContent')
    const { sentence, remedy, error, path, note, url } = HOSTILE
    for (const hostile of [sentence, remedy, error, path, note, url]) expect(text).toContain(hostile)
    expect(text).not.toContain('\u001b')
    await page.close()
  })

  it('names and describes every picture, and has its data as a table', async () => {
    const page = await open('page.html', await htmlPage(fixtureReport()))
    const named = await look<string[][]>(
      page,
      `pictures.map((one) => [one.getAttribute('role'), ...['aria-labelledby', 'aria-describedby'].map(
        (name) => document.getElementById(one.getAttribute(name))?.textContent ?? '')])`,
    )
    expect(named).toHaveLength(15)
    for (const [role, title, description] of named) {
      expect(role).toBe('img')
      expect(title).toMatch(/^(Success|Time|A failing trial)/)
      expect(description).not.toBe('')
    }
    const ids = await look<string[]>(page, `[...document.querySelectorAll('[id]')].map(({ id }) => id)`)
    expect(new Set(ids).size).toBe(ids.length)
    await expect(page.locator('figure details table').count()).resolves.toBe(15)
    const figure = page.locator('#cause-replica-lag figure').nth(0)
    const rows = figure.locator('tbody tr')
    await expect(rows.count()).resolves.toBe(63)
    await figure.locator('summary').click()
    await expect(rows.nth(33).innerText()).resolves.toBe('token\t2 s\t62\t200\t31.0 %\t25–37.7')
    await page.close()
  })

  it.each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    const page = await open('page.html', await htmlPage(fixtureReport()), { colorScheme })
    const marks = await look<{ kind: string; contrast: number }[]>(
      page,
      `(() => {
        const luminance = (color) => [...color.matchAll(/[\\d.]+/g)].slice(0, 3)
          .map((value) => Number(value) / 255)
          .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
          .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
        const card = luminance(getComputedStyle(document.querySelector('.suite')).backgroundColor)
        return [...document.querySelectorAll('svg :is(circle, rect, [aria-label=dot] path, text)')].map((mark) => {
          const own = luminance(getComputedStyle(mark).fill)
          return { kind: mark.tagName, contrast: (Math.max(own, card) + 0.05) / (Math.min(own, card) + 0.05) }
        })
      })()`,
    )
    expect(marks.length).toBeGreaterThan(300)
    // WCAG 2.2: 1.4.3 for texts, 1.4.11 for what a picture is understood by.
    for (const { kind, contrast } of marks) expect(contrast).toBeGreaterThan(kind === 'text' ? 4.5 : 3)
    await page.close()
  })

  it('fits a narrow screen: only pictures and tables scroll', async () => {
    const page = await open('page.html', await htmlPage(fixtureReport()), { width: 390 })
    await look(page, `document.querySelectorAll('details').forEach((details) => { details.open = true })`)
    expect(await look(page, 'document.documentElement.scrollWidth')).toBe(390)
    await page.close()
  })

  it('shows a report in which little was measured', async () => {
    const report = fixtureReport(['none'])
    const bare: RaceReport = {
      ...report,
      steps: report.steps.slice(0, 1).map((step) => ({ ...step, points: [] })),
      remedies: report.remedies.slice(0, 1).map((remedy) => ({
        ...remedy,
        firstAuthorization: { trials: 0, succeeded: 0, low: 0, high: 1 },
        latenciesMs: [],
      })),
      timelines: [{ cause: 'none', remedy: 'none', trial: 0, entries: [] }],
    }
    for (const little of [bare, { ...bare, steps: [], remedies: [], timelines: [], diagnoses: [] }]) {
      for (const text of [await htmlPage(little), await raceSvg(little)]) {
        expect(text).not.toMatch(/NaN|undefined|Infinity/)
      }
    }
    const page = await open('page.html', await htmlPage(bare))
    await expect(page.locator('svg').count()).resolves.toBe(4)
    await page.close()
  })

  it('is one picture with a panel per cause, which shows in an image', async () => {
    const page = await open('race.svg', await raceSvg(fixtureReport()))
    expect(problems).toEqual([])
    expect(requests).toHaveLength(1)
    await expect(page.locator('svg > text').allTextContents()).resolves.toEqual([
      'none',
      'replica-lag',
      'token-lag',
      'registration-limit',
    ])
    await expect(page.locator('svg svg').count()).resolves.toBe(4)
    await expect(page.locator('script, image, foreignObject').count()).resolves.toBe(0)
    const root = 'document.documentElement'
    expect(await look(page, `${root}.textContent`)).toContain(HOSTILE.remedy)
    const size = await look(page, `['width', 'height'].map((name) => Number(${root}.getAttribute(name)))`)
    const image = await open('image.html', '<img src="race.svg" alt="">')
    expect(await look(image, `[document.images[0].naturalWidth, document.images[0].naturalHeight]`)).toEqual(
      size,
    )
    await page.close()
    await image.close()
  })
})

interface Mark {
  readonly text: string
  readonly top: number
  readonly left: number
  readonly width: number
  readonly middle: number
  readonly center: number
}

function markNamed(marks: readonly Mark[], text: string): Mark {
  const found = marks.find((mark) => mark.text.startsWith(text))
  expect(found, `no mark says ${text}`).toBeDefined()
  return found!
}

/** Evaluates an expression in the page, with `pictures`, `picture(n)` of replica-lag or another cause and `marks(picture, selector)`. */
function look<T>(page: Page, expression: string): Promise<T> {
  return page.evaluate<T>(`(() => {
    const pictures = [...document.querySelectorAll('svg')]
    const picture = (index, cause = 'replica-lag') => document.querySelectorAll('#cause-' + cause + ' svg')[index]
    const marks = (picture, selector) => [...picture.querySelectorAll(selector)].map((mark) => {
      const { top, left, width, height } = mark.getBoundingClientRect()
      return { text: mark.textContent, top, left, width, middle: top + height / 2, center: left + width / 2 }
    })
    return ${expression}
  })()`)
}
