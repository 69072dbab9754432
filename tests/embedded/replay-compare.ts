import { parse, type HTMLElement } from 'node-html-parser'
import type { Bindings } from './replay-bindings.js'
import { bindFullFileId, bindListing } from './replay-dav.js'
import { compareJson } from './replay-json.js'
import type { Exchange } from './replay-recording.js'

export interface Difference {
  /** `status`, `header <name>`, `cookies`, `body.<member>…` or `html <what>`. */
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** Of the transport, not of Nextcloud, or left out by the recorder. */
const UNCOMPARED_HEADERS = new Set(['content-length', 'content-encoding', 'set-cookie', 'x-request-id'])

const TRIMMED = '[trimmed html]'

export interface LiveAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/**
 * All differences between a recorded answer and the live one, but for random values and times.
 *
 * @param requestPath path of the recorded request
 */
export function compareAnswers(
  bindings: Bindings,
  recorded: Exchange['response'],
  live: LiveAnswer,
  requestPath: string,
): Difference[] {
  const differences: Difference[] = []
  if (recorded.status !== live.status) {
    differences.push({ path: 'status', expected: String(recorded.status), actual: String(live.status) })
  }
  return [
    ...differences,
    ...compareHeaders(bindings, recorded, live),
    ...compareBodies(bindings, recorded, live, requestPath),
  ]
}

function compareHeaders(bindings: Bindings, recorded: Exchange['response'], live: LiveAnswer): Difference[] {
  bindCode(bindings, headerOf(recorded, 'location'), live.headers.get('location'))
  bindEtag(bindings, headerOf(recorded, 'etag'), live.headers.get('etag'))
  bindFullFileId(bindings, headerOf(recorded, 'oc-fileid'), live.headers.get('oc-fileid'))
  const names = new Set([...Object.keys(recorded.headers), ...live.headers.keys()])
  return Array.from(names).flatMap((name) => {
    if (UNCOMPARED_HEADERS.has(name)) return []
    const recordedValue = headerOf(recorded, name)
    const expected = recordedValue === null ? null : normalHeader(name, bindings.substitute(recordedValue))
    const liveValue = live.headers.get(name)
    const actual = liveValue === null ? null : normalHeader(name, liveValue)
    return expected === actual
      ? []
      : [{ path: `header ${name}`, expected: String(expected), actual: String(actual) }]
  })
}

function headerOf(recorded: Exchange['response'], name: string): string | null {
  const value = recorded.headers[name]
  return typeof value === 'string' ? value : null
}

function bindCode(bindings: Bindings, recorded: string | null, live: string | null): void {
  const [before, now] = [recorded, live].map(
    (url) => /[?&#]code=([A-Za-z0-9]{128})(?:&|$)/.exec(url ?? '')?.[1],
  )
  if (before !== undefined && now !== undefined) bindings.bind(before, now)
}

function bindEtag(bindings: Bindings, recorded: string | null, live: string | null): void {
  const [before, now] = [recorded, live].map((etag) => /^"([0-9a-f]{32})"$/.exec(etag ?? '')?.[1])
  if (before !== undefined && now !== undefined && !bindings.has(before)) bindings.bind(before, now)
}

/** A header value without what is random or a time in it. */
function normalHeader(name: string, value: string): string {
  if (name === 'content-security-policy') return value.replace(/'nonce-[A-Za-z0-9+/]{43}='/g, "'nonce'")
  if (name === 'last-modified') return value.replace(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/, '<date>')
  if (name === 'x-debug-token') return value.replace(/[A-Za-z0-9]{20}/g, '<token>')
  if (name === 'etag') return value.replace(/^"[0-9a-f]{32}"$/, '<etag>')
  if (name === 'x-notes-chunk-cursor') return value.replace(/^\d{10}-\d{10}-\d+$/, '<cursor>')
  return value
}

function compareBodies(
  bindings: Bindings,
  recorded: Exchange['response'],
  live: LiveAnswer,
  requestPath: string,
): Difference[] {
  if (recorded.body.startsWith(TRIMMED)) {
    const fragment = recorded.body.slice(TRIMMED.length)
    if (fragment.trim() !== '') return compareHtml(bindings, fragment, live.body)
    return recorded.headers['content-length'] === '0' ? compareText('body', '', live.body) : []
  }
  if (recorded.body.startsWith('<?xml')) {
    bindListing(bindings, recorded.body, live.body)
    return compareText('body', normalXml(bindings.substitute(recorded.body)), normalXml(live.body))
  }
  if (recorded.body === '' || live.body === '') return compareText('body', recorded.body, live.body)
  try {
    return [
      ...compareText('body escapes', escapesOf(recorded.body), escapesOf(live.body)),
      ...compareJson(bindings, 'body', JSON.parse(recorded.body), JSON.parse(live.body), requestPath),
    ]
  } catch {
    return compareText('body', recorded.body, live.body)
  }
}

function compareText(path: string, expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [{ path, expected, actual }]
}

/** Which kinds of escapes a JSON text uses; Nextcloud escapes slashes, angle brackets and non-ASCII characters. */
function escapesOf(json: string): string {
  const raw = /[^\x20-\x7e]|[<>]|(?<!\\)\//.test(json)
  return raw ? 'raw characters' : 'escaped'
}

function normalXml(xml: string): string {
  return xml
    .replace(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, '<date>')
    .replace(/&quot;[0-9a-f]{13}&quot;/g, '<etag>')
}

/** Compares title, request token, headings, hints, forms and the elements of the oidc app. */
function compareHtml(bindings: Bindings, recorded: string, live: string): Difference[] {
  const token = /data-requesttoken="([^"]*)"/
  const [recordedToken, liveToken] = [recorded, live].map((text) => token.exec(text)?.[1])
  if (recordedToken !== undefined && liveToken !== undefined) bindings.bind(recordedToken, liveToken)
  bindFormValues(bindings, recorded, live)
  const expected = pageFacts(parse(bindings.substitute(recorded)), recorded)
  const actual = pageFacts(parse(live), live)
  return Object.entries(expected).flatMap(([what, value]) => {
    const found = actual[what] ?? ''
    return value === '' || value === found ? [] : [{ path: `html ${what}`, expected: value, actual: found }]
  })
}

function bindFormValues(bindings: Bindings, recorded: string, live: string): void {
  for (const random of [/name="code" value="([A-Za-z0-9]{128})"/, /[?;]stateToken=([A-Za-z0-9]{64})&/]) {
    const [before, now] = [recorded, live].map((text) => random.exec(text)?.[1])
    if (before !== undefined && now !== undefined) bindings.bind(before, now)
  }
}

function pageFacts(page: HTMLElement, source: string): Record<string, string> {
  const texts = (selector: string): string =>
    page
      .querySelectorAll(selector)
      .map((element) => element.text.replace(/\s+/g, ' ').trim())
      .join(' | ')
  const requestToken = /data-requesttoken="([^"]*)"/.exec(source)?.[1]
  const login = page.querySelector('#login') !== null
  return {
    title: texts('title'),
    'request token':
      requestToken === undefined
        ? ''
        : requestToken.replace(/^[\w+/]{43}=:[\w+/]{43}=$/, '<token>') || 'none',
    h2: login ? '' : texts('h2'),
    hint: texts('p.hint'),
    login: login ? 'present' : '',
    content: page.querySelector('#content')?.getAttribute('class') ?? '',
    'oidc element': oidcElement(page),
    form: login ? '' : formFacts(page),
  }
}

function oidcElement(page: HTMLElement): string {
  const element = page.querySelectorAll('div').find((div) => div.id.startsWith('oidc-'))
  return element === undefined ? '' : JSON.stringify(Object.entries(element.attributes).sort())
}

function formFacts(page: HTMLElement): string {
  const form = page.querySelector('form')
  if (form === null) return ''
  const inputs = form
    .querySelectorAll('input')
    .map((input) => `${input.getAttribute('name') ?? ''}=${input.getAttribute('value') ?? ''}`)
  return [form.getAttribute('method'), form.getAttribute('action'), ...inputs].join(' ')
}
