import { describe, expect, it } from 'vitest'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { INITIALIZE, send } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer } from './support/reference.js'

const REGISTER = '/apps/oidc/register'

describe('the metadata document', () => {
  it('is served at the path of the resource and at the root, to any origin', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]) {
      const response = await fetch(new URL(path, url), { headers: { Origin: 'https://anybody.example' } })
      expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).toEqual([200, '*'])
      expect(await response.json()).toMatchObject({
        resource: url,
        authorization_servers: [nextcloud.url],
        scopes_supported: ALL_SCOPES,
        bearer_methods_supported: ['header'],
      })
    }
  })

  it('names the configured resource and the public issuer exactly', async () => {
    const nextcloud = await fakeNextcloud()
    const resource = 'https://mcp.example/nextcloud/mcp'
    const server = await oauthServer(nextcloud, [], {
      NEXTCLOUD_MCP_SERVER_URL: resource,
      NEXTCLOUD_PUBLIC_ISSUER_URL: 'https://cloud.example',
    })
    const response = await fetch(new URL('/.well-known/oauth-protected-resource/nextcloud/mcp', server.url))
    expect(await response.json()).toMatchObject({
      resource,
      authorization_servers: ['https://cloud.example'],
    })
    const challenge = (await send(server.url, INITIALIZE)).headers.get('WWW-Authenticate')
    expect(challenge).toContain('"https://mcp.example/.well-known/oauth-protected-resource/nextcloud/mcp"')
    const token = await nextcloud.jwt({ iss: 'https://cloud.example', sub: 'alice', aud: resource })
    expect((await send(server.url, INITIALIZE, { token })).status).toBe(200)
    const internal = await nextcloud.jwt({ sub: 'alice', aud: resource })
    expect((await send(server.url, INITIALIZE, { token: internal })).status).toBe(401)
  })

  it.each(['https://mcp.example', 'https://mcp.example/'])(
    'takes %s, which names no endpoint, for the server that the endpoint belongs to',
    async (serverUrl) => {
      const nextcloud = await fakeNextcloud()
      const server = await oauthServer(nextcloud, [], { NEXTCLOUD_MCP_SERVER_URL: serverUrl })
      const response = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', server.url))
      expect(await response.json()).toMatchObject({ resource: 'https://mcp.example/mcp' })
    },
  )

  it('is found through the inside address where Nextcloud calls itself by its public one', async () => {
    const nextcloud = await fakeNextcloud()
    const publicIssuer = 'https://cloud.example'
    const resource = 'https://mcp.example/mcp'
    nextcloud.ownName = publicIssuer
    const env = { NEXTCLOUD_PUBLIC_ISSUER_URL: publicIssuer, NEXTCLOUD_MCP_SERVER_URL: resource }
    const { url } = await oauthServer(nextcloud, [], env)
    for (const token of [
      await nextcloud.jwt({ iss: publicIssuer, sub: 'alice', aud: resource }),
      nextcloud.issue({ sub: 'alice', resource }),
    ]) {
      expect((await send(url, INITIALIZE, { token })).status).toBe(200)
    }
    expect(nextcloud.count(`${REGISTER}/`)).toBe(1)
  })

  it('is absent in basic mode', async () => {
    const { url } = await basicServer(await fakeNextcloud())
    expect((await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url))).status).toBe(404)
  })
})
