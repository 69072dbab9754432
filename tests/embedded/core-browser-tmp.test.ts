import { createServer } from 'node:http'
import { chromium } from 'playwright'
import { it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
for (const profile of ['oidc-2.0.9', 'strict'] as const) for (const host of ['127.0.0.1', 'localhost'])
it(`browser ${profile} ${host}`, async () => {
  await using nc = await startEmbeddedNextcloud({ profile })
  const base = nc.baseUrl.replace('127.0.0.1', host)
  let hits: string[] = []
  const cb = createServer((q, r) => { hits.push(q.url ?? ''); r.end('<h1>done</h1>') })
  await new Promise<void>((r) => cb.listen(0, '127.0.0.1', r))
  const port = (cb.address() as { port: number }).port
  const callback = `http://127.0.0.1:${port}/callback`
  const reg = await (await fetch(`${base}/index.php/apps/oidc/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ client_name: 'x', redirect_uris: [callback] }) })).json() as any
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    page.on('console', (m) => console.log('console', m.text()))
    const url = `${base}/index.php/apps/oidc/authorize?response_type=code&client_id=${reg.client_id}&redirect_uri=${encodeURIComponent(callback)}&scope=openid+profile&state=s1`
    await page.goto(url)
    console.log(page.url().slice(0, 80))
    await page.fill('#user', 'alice'); await page.fill('#password', 'wrong'); await page.click('button[type=submit]')
    await page.waitForSelector('[role=alert]')
    await page.fill('#password', nc.users.alice.password); await page.click('button[type=submit]')
    await page.waitForSelector('#oidc-consent-container')
    await page.click('button.secondary')
    await page.waitForURL((u) => u.pathname.includes('dashboard') || u.pathname === '/callback')
    console.log('deny ->', page.url())
    await page.goto(url)
    await page.waitForSelector('#oidc-consent-container')
    await page.click('button.primary')
    await page.waitForURL((u) => u.pathname === '/callback')
    console.log('allow ->', page.url().slice(0, 60), hits.filter((h) => h.startsWith('/callback')).map((h) => h.slice(0, 60)))
  } finally { await browser.close(); cb.closeAllConnections(); cb.close() }
})
