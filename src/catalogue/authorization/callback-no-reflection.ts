import { randomBytes } from 'node:crypto'
import { defineCheck, judge } from '../check.js'
import type { CheckContext } from '../context.js'
import { isRefusal, requestPage, type CallbackPage } from '../support/callback-flow.js'
import { Findings } from '../support/findings.js'
import { askServerCallback, describeServerCallback } from '../support/server-callback.js'

const HEADER = 'x-ncmc-injected'
const TAGS = ['<script>ncmc()', '<img src=x onerror="ncmc()"']
const MARKUP = `${TAGS.join('</script>')}>`

/** What anybody can put into a link to the callback. */
const PAYLOADS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'markup in error_description': { error: 'access_denied', error_description: MARKUP },
  'markup in error': { error: MARKUP },
  'markup in another parameter': { error: 'access_denied', error_uri: `"'>${MARKUP}` },
  'line breaks': { error: 'access_denied', error_description: `no\r\n${HEADER}: 1\r\n\r\n${MARKUP}` },
  '64 KiB': { error: 'access_denied', error_description: MARKUP + 'x'.repeat(64 * 1024) },
}

/** The page at the callback is on the client's own origin: whatever it repeats runs as the client. */
export const callbackNoReflection = defineCheck({
  id: 'authz.callback.no-reflection',
  suite: 'authorization',
  title: 'The page at the callback repeats nothing of a response as markup or header, however long it is',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'the pages of a callback repeat nothing of the response' },
    { document: 'OAuth2.1', clause: '7.11' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 'c-reflects-html' }],
  async run(ctx) {
    const findings = new Findings()
    const statuses: Record<string, unknown> = {}
    const callback = await ctx.callbackServer()
    for (const [name, payload] of Object.entries(PAYLOADS)) {
      const state = random()
      const pending = callback.expect(state)
      const known = await requestPage(ctx, callback.redirectUri, { ...payload, state })
      pending.cancel()
      const unknown = await requestPage(ctx, callback.redirectUri, { ...payload, state: random() })
      statuses[name] = [known.status, unknown.status]
      for (const page of [known, unknown]) inspect(findings, '', name, page)
    }
    const server = await inspectServer(ctx, findings)
    return judge(findings.list(), { statuses, serverCallback: describeServerCallback(server) })
  },
})

/** The same for the server's own callback; in no flow that it knows of. */
async function inspectServer(ctx: CheckContext, findings: Findings): Promise<CallbackPage | undefined> {
  let first: CallbackPage | undefined
  for (const [name, payload] of Object.entries(PAYLOADS)) {
    const page = await askServerCallback(ctx, { ...payload, state: random() })
    if (page === undefined) return undefined
    first ??= page
    inspect(findings, 'server-', name, page)
  }
  return first
}

/** @param prefix of the finding's id: whose callback it is. */
function inspect(findings: Findings, prefix: '' | 'server-', name: string, page: CallbackPage): void {
  const whose = prefix === '' ? '' : " at the server's own callback"
  if (TAGS.some((tag) => page.body.includes(tag))) {
    findings.add({
      id: `${prefix}markup-reflected`,
      message: `the page repeats markup of the response as it is${whose}`,
      expected: 'escaped, or left out',
      observed: name,
    })
  }
  if (page.headers.has(HEADER)) {
    findings.add({
      id: `${prefix}header-injected`,
      message: `line breaks of the response become a header${whose}`,
      expected: 'no such header',
      observed: name,
    })
  }
  if (!isRefusal(page)) {
    findings.add({
      id: `${prefix}error-shown-as-success`,
      message: `the page for an error response is no 4xx${whose}`,
      expected: '4xx',
      observed: { [name]: page.status },
    })
  }
}

function random(): string {
  return randomBytes(24).toString('base64url')
}
