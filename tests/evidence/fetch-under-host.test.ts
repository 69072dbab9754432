import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fetchUnderHost } from '../../src/evidence/fetch-under-host.js'

async function withServer(listener: RequestListener, body: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

describe('a request under another Host', () => {
  it('says that Host, and is otherwise as asked for', async () => {
    await withServer(
      (request, response) => {
        let sent = ''
        request.on('data', (chunk) => (sent += String(chunk)))
        request.on('end', () => {
          response.setHeader('set-cookie', ['a=1', 'b=2'])
          response.end(
            JSON.stringify([request.method, request.url, request.headers.host, request.headers['x-a'], sent]),
          )
        })
      },
      async (url) => {
        const headers = { host: 'evil.example:8000', 'x-a': 'b' }
        const response = await fetchUnderHost(new Request(url, { method: 'POST', headers, body: 'text' }))
        expect(await response.json()).toEqual(['POST', '/path', 'evil.example:8000', 'b', 'text'])
        expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      },
    )
  })

  it('has statuses without a body, and redirects as they came', async () => {
    await withServer(
      (_, response) => response.writeHead(204).end(),
      async (url) => {
        expect((await fetchUnderHost(new Request(url, { headers: { host: 'a' } }))).status).toBe(204)
      },
    )
    await withServer(
      (_, response) => response.writeHead(302, { location: '/other' }).end(),
      async (url) => {
        expect((await fetchUnderHost(new Request(url, { headers: { host: 'a' } }))).status).toBe(302)
      },
    )
  })

  it('ends with its signal, and fails as the connection does', async () => {
    await withServer(
      () => undefined,
      async (url) => {
        const signal = AbortSignal.timeout(50)
        await expect(fetchUnderHost(new Request(url, { headers: { host: 'a' }, signal }))).rejects.toThrow()
      },
    )
    await expect(
      fetchUnderHost(new Request('http://127.0.0.1:9/', { headers: { host: 'a' } })),
    ).rejects.toThrow('ECONNREFUSED')
  })
})
