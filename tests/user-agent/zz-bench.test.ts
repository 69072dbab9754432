import { it } from 'vitest'
import { chromium } from 'playwright'
import { startFakeNextcloud } from '../oauth/fake-nextcloud.js'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import { createUserAgent } from '../../src/user-agent/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { discoverAuthorizationServer } from '../../src/oauth/discovery.js'
import { registerClient } from '../../src/oauth/registration.js'
import { buildAuthorizationRequest, obtainAuthorizationResponse } from '../../src/oauth/code-flow.js'
it('bench', async () => {
  await using nc = await startFakeNextcloud({ consent: true })
  await using cb = await CallbackServer.start()
  const http = await createUserAgent('http')
  for (let i = 0; i < 8; i++) {
    const t = performance.now()
    await mintTokens({ issuer: nc.baseUrl, user: nc.users.alice, userAgent: http })
    console.log('http mint', (performance.now() - t).toFixed(1))
  }
  const server = await discoverAuthorizationServer(nc.baseUrl)
  const client = await registerClient(server, { redirect_uris: [cb.redirectUri] })
  const t0 = performance.now()
  const agent = await createUserAgent('browser')
  console.log('launch', performance.now() - t0, agent.version)
  const bare = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const ours: number[] = [],
    theirs: number[] = []
  for (let i = 0; i < 15; i++) {
    const r1 = await buildAuthorizationRequest(server, client, { redirectUri: cb.redirectUri })
    let t = performance.now()
    const p = cb.expect(r1.state)
    const c = await bare.newContext()
    const page = await c.newPage()
    await page.goto(r1.url)
    await page.fill('#user', nc.users.alice.userId)
    await page.fill('#password', nc.users.alice.password)
    await page.click('button[type=submit]')
    await page.click('#oidc-consent-container button.primary')
    await page.waitForURL(cb.redirectUri + '*')
    await p.response
    await c.close()
    theirs.push(performance.now() - t)
    const r2 = await buildAuthorizationRequest(server, client, { redirectUri: cb.redirectUri })
    t = performance.now()
    const resp = await obtainAuthorizationResponse(r2, {
      userAgent: agent,
      user: nc.users.alice,
      callback: cb,
    })
    ours.push(performance.now() - t)
    if (i === 0) console.log(resp.pages.map((p) => [p.kind, p.url, p.title, p.screenshot?.length]))
  }
  const med = (a: number[]) => a.toSorted((x, y) => x - y)[7]!.toFixed(0)
  console.log(
    'bare',
    med(theirs),
    'ours',
    med(ours),
    theirs.map(Math.round).join(),
    ours.map(Math.round).join(),
  )
  await bare.close()
  await agent.close()
}, 120000)
