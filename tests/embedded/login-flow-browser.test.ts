import { chromium, type Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { resolveBrowser } from '../../src/user-agent/resolve-browser.js'

let browser: Browser
let nextcloud: EmbeddedNextcloud
beforeAll(async () => {
  const { executablePath, args } = await resolveBrowser()
  browser = await chromium.launch({ executablePath, args: [...args] })
  nextcloud = await startEmbeddedNextcloud()
})
afterAll(async () => {
  await browser.close()
  await nextcloud.stop()
})

interface Begun {
  readonly poll: { readonly token: string; readonly endpoint: string }
  readonly login: string
}

async function begin(): Promise<Begun> {
  return (await (await fetch(`${nextcloud.baseUrl}/index.php/login/v2`, { method: 'POST' })).json()) as Begun
}

async function poll(flow: Begun): Promise<Response> {
  const { token, endpoint } = flow.poll
  return fetch(endpoint, { method: 'POST', body: new URLSearchParams({ token }) })
}

describe('Login Flow v2 in Chromium', () => {
  it('goes from the link to an app password that works', async () => {
    const flow = await begin()
    const page = await (await browser.newContext()).newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))

    await page.goto(flow.login)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.fill('#user', 'alice')
    await page.fill('#password', nextcloud.users.alice.password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Account access' }).waitFor()
    expect((await poll(flow)).status).toBe(404)
    await page.getByRole('button', { name: 'Grant access' }).click()
    await page.getByRole('heading', { name: 'Account connected' }).waitFor()
    expect(complaints).toEqual([])

    const { loginName, appPassword } = (await (await poll(flow)).json()) as Record<string, string>
    expect(loginName).toBe('alice')
    const authorization = `Basic ${Buffer.from(`alice:${appPassword ?? ''}`).toString('base64')}`
    const notes = `${nextcloud.baseUrl}/index.php/apps/notes/api/v1/notes`
    expect((await fetch(notes, { headers: { authorization } })).status).toBe(200)

    // The other way through the picker, with the app password of the first.
    const second = await begin()
    const other = await (await browser.newContext()).newPage()
    await other.goto(second.login)
    await other.getByRole('link', { name: 'Use an app password' }).click()
    await other.fill('#user', 'alice')
    await other.fill('#password', appPassword ?? '')
    await other.getByRole('button', { name: 'Grant access' }).click()
    await other.getByRole('heading', { name: 'Account connected' }).waitFor()
    expect((await poll(second)).status).toBe(200)
  })
})
