import { describe, expect, it } from 'vitest'
import { embeddedNextcloudHandlers } from '../../src/msw.js'
import { network } from '../setup/network-guard.js'

function basic({ userId, password }: { userId: string; password: string }): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}` }
}

describe('the embedded Nextcloud behind msw', () => {
  it('answers fetch at an address that does not exist', async () => {
    const nextcloud = embeddedNextcloudHandlers()
    network.use(...nextcloud.handlers)
    const response = await fetch(`${nextcloud.baseUrl}/.well-known/openid-configuration`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ issuer: 'https://cloud.example' })
  })

  it('keeps what one request writes for the next, each instance for itself', async () => {
    const nextcloud = embeddedNextcloudHandlers({ baseUrl: 'http://cloud.test:8080' })
    const other = embeddedNextcloudHandlers({ baseUrl: 'http://other.test' })
    network.use(...nextcloud.handlers, ...other.handlers)
    const { alice } = nextcloud.users
    const path = '/index.php/apps/notes/api/v1/notes'
    const made = await fetch(nextcloud.baseUrl + path, {
      method: 'POST',
      headers: { ...basic(alice), 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Milk', content: 'two litres' }),
    })
    expect(made.status).toBe(200)
    const read = async (baseUrl: string, headers: Record<string, string>): Promise<unknown> =>
      (await fetch(baseUrl + path, { headers })).json()
    expect(await read(nextcloud.baseUrl, basic(alice))).toMatchObject([{ title: 'Milk' }])
    expect(await read(nextcloud.baseUrl, basic(nextcloud.users.bob))).toEqual([])
    expect(await read(other.baseUrl, basic(other.users.alice))).toEqual([])
  })

  it('registers clients and lets them end on its clock', async () => {
    const nextcloud = embeddedNextcloudHandlers()
    network.use(...nextcloud.handlers)
    const register = (): Promise<Response> =>
      fetch(`${nextcloud.baseUrl}/apps/oidc/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_name: 'mine', redirect_uris: ['http://127.0.0.1:9/callback'] }),
      })
    const registered = await register()
    expect(registered.status).toBe(201)
    const client = (await registered.json()) as {
      registration_client_uri: string
      registration_access_token: string
    }
    const read = (): Promise<Response> =>
      fetch(client.registration_client_uri, {
        headers: { authorization: `Bearer ${client.registration_access_token}` },
      })
    expect((await read()).status).toBe(200)
    nextcloud.clock.shift(2 * 3600)
    // The next registration purges clients whose end has come.
    await register()
    expect((await read()).status).toBe(401)
  })

  it('takes the faults and the users that the options name', async () => {
    const nextcloud = embeddedNextcloudHandlers({ faults: [{ scope: 'notes', kind: 'status-500' }] })
    network.use(...nextcloud.handlers)
    const response = await fetch(`${nextcloud.baseUrl}/index.php/apps/notes/api/v1/notes`, {
      headers: basic(nextcloud.users.alice),
    })
    expect(response.status).toBe(500)
    expect(() => embeddedNextcloudHandlers({ users: [] })).toThrow('needs two users')
  })
})
