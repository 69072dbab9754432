import { chromium } from 'playwright'
import { startEmbeddedNextcloud } from '../src/nextcloud/embedded/index.js'
import { CallbackServer } from '../src/oauth/callback-server.js'
import { buildAuthorizationRequest } from '../src/oauth/code-flow.js'
import { discoverAuthorizationServer } from '../src/oauth/discovery.js'
import { registerClient } from '../src/oauth/registration.js'
import { mintTokens } from '../src/oauth/tokens.js'
import { createUserAgent } from '../src/user-agent/index.js'
import { resolveBrowser } from '../src/user-agent/resolve-browser.js'
import { median, times, type Measurement } from './measure.js'

const ROUNDS = 8

/** Minting in the browser against a bare Playwright script that does the same clicks on the same instance. */
export async function benchBrowserMint(): Promise<Measurement[]> {
  const nextcloud = await startEmbeddedNextcloud()
  const callback = await CallbackServer.start()
  const agent = await createUserAgent('browser')
  const { executablePath, args } = await resolveBrowser({ install: false })
  const bare = await chromium.launch({ executablePath, args: [...args] })
  try {
    const server = await discoverAuthorizationServer(nextcloud.baseUrl)
    const { alice } = nextcloud.users
    // A client of its own for every round, so that both sides see the consent page each time.
    const register = () =>
      registerClient(server, { client_name: 'bench', redirect_uris: [callback.redirectUri] })
    const clients = await Promise.all(Array.from({ length: 2 * ROUNDS + 2 }, register))
    const nextClient = () => clients.pop() ?? fail()

    const script = async (): Promise<void> => {
      const request = await buildAuthorizationRequest(server, nextClient(), {
        redirectUri: callback.redirectUri,
      })
      const pending = callback.expect(request.state)
      const context = await bare.newContext()
      const page = await context.newPage()
      await page.goto(request.url)
      await page.fill('#user', alice.userId)
      await page.fill('#password', alice.password)
      await page.click('button[type=submit]')
      await page.click('#oidc-consent-container button.primary')
      await pending.response
      await context.close()
    }
    const mint = async (): Promise<void> => {
      await mintTokens({ server, client: nextClient(), user: alice, userAgent: agent, callback })
    }
    await script()
    await mint()
    // Alternating, so that both meet the same machine.
    const scriptTimes: number[] = []
    const mintTimes: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      scriptTimes.push(...(await times(1, script)))
      mintTimes.push(...(await times(1, mint)))
    }
    return [
      {
        name: `browser mint with screenshots and exchange, median of ${ROUNDS}`,
        value: median(mintTimes.sort((a, b) => a - b)),
        unit: 'ms',
        baseline: { name: 'bare Playwright script', value: median(scriptTimes.sort((a, b) => a - b)) },
        bar: 'at most 1.2 ×',
      },
    ]
  } finally {
    await bare.close()
    await agent.close()
    await callback.close()
    await nextcloud.stop()
  }
}

function fail(): never {
  throw new Error('too few clients were registered')
}
