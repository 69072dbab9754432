import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startTokenProxy } from '../../src/mcp/token-proxy.js'

interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly seen: IncomingMessage[]
}

/** Answers every request with one event, at once, and then leaves the stream open. */
async function startUpstream(): Promise<Upstream> {
  const seen: IncomingMessage[] = []
  const server = createServer((incoming, response) => {
    seen.push(incoming)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Mcp-Session-Id': 'one' })
    response.write('data: first\n\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}/mcp?x=1`,
    host,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** With node:http, because fetch does not let a caller choose the Host. Resolves with the first chunk. */
function ask(url: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers }, (answer) => {
      answer.once('data', (chunk: Buffer) => {
        resolve({ status: answer.statusCode ?? 0, text: chunk.toString() })
        outgoing.destroy()
      })
    })
    outgoing.once('error', reject)
    outgoing.end('{}')
  })
}

describe('the token proxy', () => {
  it('adds the token, keeps path and query, and passes on a stream that stays open', async () => {
    await using upstream = await startUpstream()
    await using proxy = await startTokenProxy(upstream.url, 'secret-token')
    const answer = await ask(proxy.url, { Authorization: 'Bearer other', 'X-Case-Kept': 'yes' })
    expect(answer).toEqual({ status: 200, text: 'data: first\n\n' })
    expect(upstream.seen[0]?.url).toBe('/mcp?x=1')
    expect(upstream.seen[0]?.headers.authorization).toBe('Bearer secret-token')
    expect(upstream.seen[0]?.rawHeaders).toContain('X-Case-Kept')
  })

  it('shows the server its own address where the client named the proxy', async () => {
    await using upstream = await startUpstream()
    await using proxy = await startTokenProxy(upstream.url, undefined)
    await ask(proxy.url, { Origin: new URL(proxy.url).origin })
    const port = new URL(proxy.url).port
    await ask(proxy.url, { Host: `localhost:${port}` })
    expect(upstream.seen[0]?.headers).toMatchObject({
      host: upstream.host,
      origin: `http://${upstream.host}`,
    })
    expect(upstream.seen[1]?.headers.host).toBe(upstream.host.replace('127.0.0.1', 'localhost'))
    expect(upstream.seen[0]?.headers.authorization).toBeUndefined()
  })

  it('leaves a foreign Host and Origin as they are', async () => {
    await using upstream = await startUpstream()
    await using proxy = await startTokenProxy(upstream.url, 'secret-token')
    await ask(proxy.url, { Host: 'evil.example', Origin: 'http://evil.example' })
    expect(upstream.seen[0]?.headers).toMatchObject({ host: 'evil.example', origin: 'http://evil.example' })
  })

  it('answers 502 while the server is away, and frees its port when it is closed', async () => {
    const proxy = await startTokenProxy('http://127.0.0.1:9/mcp', 'secret-token')
    expect((await fetch(proxy.url, { method: 'POST', body: '{}' })).status).toBe(502)
    await proxy.close()
    await expect(fetch(proxy.url)).rejects.toThrow()
  })
})
