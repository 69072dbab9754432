import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { CallbackMutant } from '../../src/oauth/callback-mutants.js'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import { exchangeCode, type AuthorizationRequest } from '../../src/oauth/code-flow.js'

const open: CallbackServer[] = []

async function start(mutants: readonly CallbackMutant[] = []): Promise<CallbackServer> {
  const server = await CallbackServer.start({ mutants })
  open.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** A request without msw or fetch in between: they have limits of their own for large heads. */
function call(
  server: CallbackServer,
  query: string,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${server.redirectUri}${query}`, { method }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Whether the promise is settled once everything that is due now has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('the callback listener', () => {
  it('hands the response to the flow with its state and shows a fixed page', async () => {
    const server = await start()
    const pending = server.expect('state-a')
    const answer = await call(server, '?state=state-a&code=the-code')
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain('the-code')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.headers['cache-control']).toBe('no-store')
    expect((await pending.response).href).toBe(`${server.redirectUri}?state=state-a&code=the-code`)
  })

  it('keeps concurrent flows apart, whatever order they are answered in', async () => {
    const server = await start()
    const states = Array.from({ length: 50 }, (_, index) => `state-${index}`)
    const flows = states.map((state) => server.expect(state))
    await Promise.all(
      states.toReversed().map((state) => call(server, `?state=${state}&code=code-of-${state}`)),
    )
    const codes = await Promise.all(
      flows.map(async ({ response }) => (await response).searchParams.get('code')),
    )
    expect(codes).toEqual(states.map((state) => `code-of-${state}`))
  })

  it.each([
    ['a wrong state', '?state=other&code=c'],
    ['no state', '?code=c'],
    ['an empty state', '?state=&code=c'],
    ['the state twice', '?state=right&state=right&code=c'],
    ['the code twice', '?state=right&code=c&code=d'],
    ['neither code nor error', '?state=right'],
    ['an empty code', '?state=right&code='],
    ['an error without state', '?error=access_denied'],
  ])('refuses %s and the real flow can still finish', async (_name, query) => {
    const server = await start()
    const pending = server.expect('right')
    expect((await call(server, query)).status).toBe(400)
    expect(await isSettled(pending.response)).toBe(false)
    expect((await call(server, '?state=right&code=real')).status).toBe(200)
    expect((await pending.response).searchParams.get('code')).toBe('real')
  })

  it('refuses a state that was used', async () => {
    const server = await start()
    const pending = server.expect('once')
    await call(server, '?state=once&code=first')
    expect((await call(server, '?state=once&code=second')).status).toBe(400)
    expect((await pending.response).searchParams.get('code')).toBe('first')
  })

  it('ends the flow at once with an error response and shows a 4xx page', async () => {
    const server = await start()
    const pending = server.expect('denied')
    const answer = await call(server, '?state=denied&error=access_denied&error_description=no')
    expect(answer.status).toBe(400)
    expect((await pending.response).searchParams.get('error')).toBe('access_denied')
  })

  it.each([
    ['markup', '<script>alert(1)</script>'],
    ['line breaks', 'x\r\nSet-Cookie: injected=1'],
    ['64 KiB', 'y'.repeat(64 * 1024)],
  ])('reflects nothing of an error_description with %s', async (_name, text) => {
    const server = await start()
    const pending = server.expect('s')
    const answer = await call(
      server,
      `?state=s&error=server_error&error_description=${encodeURIComponent(text)}`,
    )
    expect(answer.status).toBe(400)
    expect(answer.body).not.toContain(text.slice(0, 8))
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect((await pending.response).searchParams.get('error_description')).toBe(text)
  })

  it('answers a request head beyond every bound with 4xx and lives on', async () => {
    const server = await start()
    const pending = server.expect('s')
    const answer = await call(server, `?state=s&error=x&error_description=${'z'.repeat(400 * 1024)}`)
    expect(answer.status).toBe(431)
    await call(server, '?state=s&code=c')
    expect((await pending.response).searchParams.get('code')).toBe('c')
  })

  it.each(['POST', 'HEAD', 'PUT', 'OPTIONS'])('does not take a response by %s', async (method) => {
    const server = await start()
    const pending = server.expect('s')
    const answer = await call(server, '?state=s&code=c', method)
    expect(answer.status).toBe(405)
    expect(answer.headers['allow']).toBe('GET')
    expect(await isSettled(pending.response)).toBe(false)
  })

  it('knows no other path', async () => {
    const server = await start()
    const pending = server.expect('s')
    expect((await call(server, '/more?state=s&code=c')).status).toBe(404)
    expect(await isSettled(pending.response)).toBe(false)
  })

  it('fails a flow whose response never comes, says what was awaited, and refuses a late callback', async () => {
    const server = await start()
    const pending = server.expect('late', { timeoutMs: 20 })
    await expect(pending.response).rejects.toMatchObject({
      code: 'NCMC_FLOW_TIMEOUT',
      message: expect.stringContaining(server.redirectUri) as string,
    })
    expect((await call(server, '?state=late&code=c')).status).toBe(400)
  })

  it('stops waiting when the flow is cancelled', async () => {
    const server = await start()
    const pending = server.expect('gone')
    pending.cancel()
    pending.cancel()
    await expect(pending.response).rejects.toMatchObject({ code: 'NCMC_FLOW_FAILED' })
    expect((await call(server, '?state=gone&code=c')).status).toBe(400)
  })

  it('frees the port and fails waiting flows when it closes, idle connections or not', async () => {
    const server = await start()
    const pending = server.expect('s')
    const { port } = new URL(server.redirectUri)
    const idle = connect(Number(port), '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    await server.close()
    await server.close()
    await expect(pending.response).rejects.toMatchObject({ code: 'NCMC_FLOW_FAILED' })
    await expect(call(server, '?state=s&code=c')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const again = await CallbackServer.start({ port: Number(port) })
    open.push(again)
    await expect(CallbackServer.start({ port: Number(port) })).rejects.toMatchObject({
      code: 'NCMC_PORT_IN_USE',
    })
  })

  it('binds the loopback interface only', async () => {
    const server = await start()
    expect(new URL(server.redirectUri).hostname).toBe('127.0.0.1')
    await expect(
      new Promise((resolve, reject) => {
        connect(Number(new URL(server.redirectUri).port), '127.0.0.2')
          .once('connect', resolve)
          .once('error', reject)
      }),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('refuses two flows with one state', async () => {
    const server = await start()
    server.expect('same')
    expect(() => server.expect('same')).toThrow(expect.objectContaining({ code: 'NCMC_INTERNAL' }) as Error)
  })
})

describe('mutant c-state-unchecked', () => {
  const metadata = {
    issuer: 'http://127.0.0.1',
    authorization_endpoint: 'http://127.0.0.1/authorize',
    token_endpoint: 'http://127.0.0.1/token',
    jwks_uri: 'http://127.0.0.1/jwks',
  }
  const client = { client_id: 'id', client_secret: 'secret', redirect_uris: [] }
  const flow = (server: CallbackServer, state: string): AuthorizationRequest => ({
    url: '',
    state,
    nonce: `nonce-${state}`,
    codeVerifier: `verifier-of-${state}`.padEnd(43, '-'),
    redirectUri: server.redirectUri,
    scope: 'profile',
  })

  it('exchanges a code with a foreign state in the oldest flow', async () => {
    const server = await start(['c-state-unchecked'])
    const oldest = server.expect('first')
    server.expect('second')
    expect((await call(server, '?state=forged&code=injected')).status).toBe(200)
    const received = await oldest.response
    const bodies: URLSearchParams[] = []
    const tokens = await exchangeCode(
      { issuer: metadata.issuer, metadata },
      client,
      flow(server, 'first'),
      received.href,
      {
        fetch: async (url, init) => {
          bodies.push(new URLSearchParams(await new Request(url, init).text()))
          return Response.json({ access_token: 'a', token_type: 'bearer' })
        },
      },
    )
    expect(tokens.access_token).toBe('a')
    expect(
      bodies.map((body) => [body.get('code'), body.get('code_verifier')?.startsWith('verifier-of-first')]),
    ).toEqual([['injected', true]])
  })

  it('leaves right states with their own flows', async () => {
    const server = await start(['c-state-unchecked'])
    const first = server.expect('first')
    const second = server.expect('second')
    await call(server, '?state=second&code=c2')
    expect((await second.response).searchParams.get('code')).toBe('c2')
    expect(await isSettled(first.response)).toBe(false)
  })
})
