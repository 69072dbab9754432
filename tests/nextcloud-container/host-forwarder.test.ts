import {
  createServer,
  request,
  Agent,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { startHostForwarder, type HostForwarder } from '../../src/nextcloud/container/host-forwarder.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://localhost:${(server.address() as AddressInfo).port}`)
}

async function forwarderTo(target: URL, subnet?: string): Promise<HostForwarder> {
  const forwarder = await startHostForwarder({
    target,
    address: '127.0.0.1',
    ...(subnet === undefined ? {} : { subnet }),
  })
  closing.push(() => forwarder.close())
  return forwarder
}

interface Sent {
  readonly port: number
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
  readonly agent?: Agent
}

function send({ body, ...options }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', ...options }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

it('passes requests and answers on as they are, but for the Host', async () => {
  const echo: RequestListener = (incoming, outgoing) => {
    const { method, url, headers } = incoming
    outgoing.writeHead(207, 'Multi', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Own', 'ä'])
    void text(incoming).then((body) => outgoing.end(JSON.stringify({ method, url, headers, body })))
  }
  const target = await listen(createServer({ maxHeaderSize: 200_000 }, echo))
  const { port } = await forwarderTo(target)
  const answer = await send({
    port,
    method: 'PROPFIND',
    path: '/remote.php/dav/%20x?q=%2F',
    headers: { Depth: '1', Authorization: `Bearer ${'x'.repeat(100_000)}`, 'X-Two': ['1', '2'] },
    body: 'hello',
  })
  expect([answer.statusCode, answer.statusMessage]).toEqual([207, 'Multi'])
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(JSON.parse(await text(answer))).toMatchObject({
    method: 'PROPFIND',
    url: '/remote.php/dav/%20x?q=%2F',
    headers: {
      depth: '1',
      host: target.host,
      'x-two': '1, 2',
      authorization: expect.stringMatching(/^Bearer x{100000}$/),
    },
    body: 'hello',
  })
})

it('drops a connection that the target drops, resets or refuses', async () => {
  const target = createServer((incoming) => {
    if (incoming.url === '/reset') incoming.socket.resetAndDestroy()
    else incoming.socket.destroy()
  })
  const url = await listen(target)
  const { port } = await forwarderTo(url)
  await expect(send({ port, path: '/drop' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(send({ port, path: '/reset' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  await new Promise((resolve) => target.close(resolve))
  await expect(send({ port })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

it('ends an answer that breaks off as broken, not as whole', async () => {
  const url = await listen(
    createServer((incoming, outgoing) => {
      outgoing.writeHead(200, { 'Content-Length': '10' })
      outgoing.write('half', () => incoming.socket.destroy())
    }),
  )
  const { port } = await forwarderTo(url)
  const answer = await send({ port })
  await expect(text(answer)).rejects.toThrow(/aborted/)
})

it('leaves nothing of a request that was refused before its end in the way of the next one', async () => {
  const url = await listen(
    createServer((incoming, outgoing) => {
      // As a Nextcloud that finds a body too large: it answers, and reads no further.
      if (incoming.method === 'PUT') outgoing.writeHead(413).end('too large')
      else outgoing.end('well')
    }),
  )
  const { port } = await forwarderTo(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  closing.push(() => agent.destroy())
  const refused = await send({ port, agent, method: 'PUT', body: Buffer.alloc(20 * 1024 * 1024) })
  expect([refused.statusCode, await text(refused)]).toEqual([413, 'too large'])
  expect(await text(await send({ port, agent }))).toBe('well')
})

it('serves nobody from outside of the subnet', async () => {
  const url = await listen(createServer((_, outgoing) => outgoing.end('well')))
  const inside = await forwarderTo(url, '127.0.0.0/8')
  expect(await text(await send({ port: inside.port }))).toBe('well')
  const outside = await forwarderTo(url, '172.20.0.0/16')
  await expect(send({ port: outside.port })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

it('says which address cannot be listened on', async () => {
  await expect(
    startHostForwarder({ target: new URL('http://localhost:9'), address: '203.0.113.1' }),
  ).rejects.toMatchObject({ code: 'NCMC_CONTAINER_FAILED', details: { code: 'EADDRNOTAVAIL' } })
})
