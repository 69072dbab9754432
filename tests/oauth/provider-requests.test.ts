import { describe, expect, it } from 'vitest'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../../src/oauth/discovery.js'
import type { FetchLike } from '../../src/oauth/fetch-like.js'
import { waitUntilClientVisible } from '../../src/oauth/propagation.js'
import { deleteClient, registerClient, type RegisteredClient } from '../../src/oauth/registration.js'

const ISSUER = 'https://cloud.example'
const metadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/apps/oidc/authorize`,
  token_endpoint: `${ISSUER}/apps/oidc/token`,
  jwks_uri: `${ISSUER}/apps/oidc/jwks`,
  registration_endpoint: `${ISSUER}/apps/oidc/register`,
  unnamed_member: { kept: true },
}
const server: AuthorizationServer = { issuer: ISSUER, metadata }
const client: RegisteredClient = {
  client_id: 'the-client',
  client_secret: 'the-secret',
  redirect_uris: ['http://127.0.0.1/callback'],
  registration_access_token: 'the-registration-token',
  registration_client_uri: `${ISSUER}/apps/oidc/register/the-client`,
}

interface Sent {
  readonly method: string
  readonly url: string
  readonly authorization: string | null
  readonly body: string
}

/** A fetch that answers from a list; the last answer stays. */
function answering(...answers: (() => Response)[]): { fetch: FetchLike; sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      sent.push({
        method: request.method,
        url: request.url,
        authorization: request.headers.get('authorization'),
        body: await request.text(),
      })
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      if (answer === undefined) throw new Error('no answer left')
      return answer()
    },
  }
}

describe('discovery', () => {
  it('asks for the OpenID configuration and keeps members that it does not know', async () => {
    const { fetch, sent } = answering(() => Response.json(metadata))
    const found = await discoverAuthorizationServer(ISSUER, { fetch })
    expect(sent.map(({ url }) => url)).toEqual([`${ISSUER}/.well-known/openid-configuration`])
    expect(found.issuer).toBe(ISSUER)
    expect(found.metadata).toMatchObject(metadata)
  })

  it.each([`${ISSUER}/`, 'https://CLOUD.example', `${ISSUER}:443`])(
    'compares the issuer as a string: %s is another one',
    async (issuer) => {
      const { fetch } = answering(() => Response.json(metadata))
      await expect(discoverAuthorizationServer(issuer, { fetch })).rejects.toMatchObject({
        code: 'NCMC_OAUTH_REQUEST',
        details: { expectedIssuer: issuer, issuer: ISSUER },
      })
    },
  )

  it('takes the document of an internal URL when it names the expected public issuer', async () => {
    const { fetch } = answering(() => Response.json(metadata))
    const found = await discoverAuthorizationServer('http://nextcloud', { fetch, expectedIssuer: ISSUER })
    expect(found.issuer).toBe(ISSUER)
  })

  it.each([
    ['an HTML page', () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } })],
    ['an empty object', () => Response.json({})],
    ['no token endpoint', () => Response.json({ ...metadata, token_endpoint: undefined })],
    ['a status 500', () => new Response('', { status: 500 })],
    [
      'a redirect',
      () => new Response('', { status: 302, headers: { location: 'https://elsewhere.example' } }),
    ],
  ])('refuses %s', async (_name, answer) => {
    const { fetch } = answering(answer)
    await expect(discoverAuthorizationServer(ISSUER, { fetch })).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      exitCode: 3,
    })
  })

  it('names the reason when nobody answers', async () => {
    const closed = await CallbackServer.start()
    await closed.close()
    await expect(discoverAuthorizationServer(new URL(closed.redirectUri).origin)).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      details: { code: 'ECONNREFUSED' },
    })
  })

  it('gives up after the time limit', async () => {
    const fetch: FetchLike = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(init.signal?.reason as Error)
        })
      })
    await expect(discoverAuthorizationServer(ISSUER, { fetch, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
    })
  })
})

describe('registration', () => {
  it('sends the metadata once and returns the answer with its wire members', async () => {
    const { fetch, sent } = answering(() =>
      Response.json(
        { ...client, client_secret_expires_at: 0, token_type: 'jwt', more: 1 },
        { status: 201, headers: { 'content-type': 'application/json; charset=utf-8' } },
      ),
    )
    const registered = await registerClient(
      server,
      { redirect_uris: client.redirect_uris, token_type: 'jwt', resource_url: 'http://127.0.0.1/mcp' },
      { fetch },
    )
    expect(registered).toMatchObject({ ...client, client_secret_expires_at: 0, token_type: 'jwt', more: 1 })
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ method: 'POST', url: metadata.registration_endpoint })
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      redirect_uris: client.redirect_uris,
      token_type: 'jwt',
      resource_url: 'http://127.0.0.1/mcp',
    })
  })

  it('passes on what the server refuses it with', async () => {
    const { fetch } = answering(() =>
      Response.json({ error: 'max_num_clients_exceeded', error_description: 'too many' }, { status: 400 }),
    )
    await expect(registerClient(server, { redirect_uris: [] }, { fetch })).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      message: expect.stringContaining('too many') as string,
      details: { error: 'max_num_clients_exceeded', status: 400 },
    })
  })

  it.each([
    ['a throttled answer', () => new Response('', { status: 429 }), { status: 429 }],
    ['a page', () => new Response('<p>500</p>', { status: 500 }), { status: 500 }],
    ['status 200', () => Response.json({ ...client, client_secret_expires_at: 0 }), { status: 200 }],
    ['a public client', () => Response.json({ client_id: 'x' }, { status: 201 }), {}],
  ])('refuses %s', async (_name, answer, details) => {
    const { fetch } = answering(answer)
    await expect(registerClient(server, { redirect_uris: ['http://a/'] }, { fetch })).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      details,
    })
  })

  it('says so when the issuer offers no registration', async () => {
    const without: AuthorizationServer = {
      issuer: ISSUER,
      metadata: { issuer: ISSUER, authorization_endpoint: 'a', token_endpoint: 't', jwks_uri: 'j' },
    }
    await expect(registerClient(without, { redirect_uris: [] })).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
    })
  })

  it('never sends a request over http for an https issuer', async () => {
    const { fetch, sent } = answering(() => new Response('', { status: 500 }))
    const downgraded = {
      issuer: ISSUER,
      metadata: { ...metadata, registration_endpoint: 'http://cloud.example/r' },
    }
    await expect(
      registerClient(downgraded, { redirect_uris: ['http://a/'] }, { fetch }),
    ).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
    })
    expect(sent).toEqual([])
  })
})

describe('client management', () => {
  it('deletes the client with its registration token', async () => {
    const { fetch, sent } = answering(() => new Response(null, { status: 204 }))
    await deleteClient(client, { fetch })
    expect(sent).toMatchObject([
      {
        method: 'DELETE',
        url: client.registration_client_uri,
        authorization: 'Bearer the-registration-token',
      },
    ])
  })

  it('has nothing to delete for a client without client management', async () => {
    const { fetch, sent } = answering()
    await deleteClient({ client_id: 'x', client_secret: 'y', redirect_uris: [] }, { fetch })
    expect(sent).toEqual([])
  })

  it('tells when the deletion is refused, without a secret', async () => {
    const { fetch } = answering(() => new Response('', { status: 401 }))
    const refused = await deleteClient(client, { fetch }).catch((thrown: unknown) => thrown as Error)
    expect(refused).toMatchObject({ code: 'NCMC_OAUTH_REQUEST', details: { status: 401 } })
    expect(JSON.stringify(refused) + String(refused)).not.toMatch(/the-secret|the-registration-token/)
  })
})

describe('waiting for a client', () => {
  const visible = (): Response => Response.json({ client_id: 'the-client' })

  it('needs one read when the client is known at once', async () => {
    const { fetch, sent } = answering(visible)
    expect(await waitUntilClientVisible(client, { fetch })).toMatchObject({ visible: true, attempts: 1 })
    expect(sent).toMatchObject([
      { method: 'GET', url: client.registration_client_uri, authorization: 'Bearer the-registration-token' },
    ])
  })

  it('reads again, with growing pauses, until the client is known', async () => {
    const unknown = (): Response => new Response('{}', { status: 401 })
    const failing = (): Response => {
      throw new TypeError('fetch failed')
    }
    const { fetch } = answering(unknown, failing, () => Response.json({ client_id: 'another' }), visible)
    const result = await waitUntilClientVisible(client, { fetch })
    expect(result).toMatchObject({ visible: true, attempts: 4 })
    expect(result.elapsedMs).toBeGreaterThanOrEqual(50 + 75 + 112 - 5)
  })

  it('gives up in time', async () => {
    const { fetch } = answering(() => new Response('{}', { status: 401 }))
    const result = await waitUntilClientVisible(client, { fetch, timeoutMs: 140 })
    expect(result).toMatchObject({ visible: false, attempts: 3 })
    expect(result.elapsedMs).toBeLessThan(200)
  })

  it('cannot tell for a client without client management', async () => {
    const { fetch, sent } = answering()
    const unmanaged = { client_id: 'x', client_secret: 'y', redirect_uris: [] }
    expect(await waitUntilClientVisible(unmanaged, { fetch })).toEqual({
      visible: false,
      attempts: 0,
      elapsedMs: 0,
    })
    expect(sent).toEqual([])
  })
})
