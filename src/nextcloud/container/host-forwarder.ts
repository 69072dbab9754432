import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, type AddressInfo } from 'node:net'
import { HarnessError } from '../../errors.js'

/** Longer than a client waits between two requests: the connection must not end just when the next one is sent. */
const KEEP_ALIVE_MS = 65_000
/** Above what a bearer token may have: refusing one is up to Nextcloud. */
const MAX_HEADER_BYTES = 256 * 1024
/** Of one connection (RFC 9110 §7.6.1), or named anew. `Expect` has been answered by then. */
const NOT_PASSED_ON = new Set(['connection', 'keep-alive', 'proxy-connection', 'host', 'expect'])

export interface HostForwarderOptions {
  /** Base URL on this host that requests go to. */
  readonly target: URL
  /** Address of this host that containers of one network reach. */
  readonly address: string
  /** Who may connect, e.g. `172.20.0.0/16`; everybody else is dropped. Default: whoever reaches the address. */
  readonly subnet?: string
}

/** A listener through which containers reach what listens on 127.0.0.1 of this host. */
export interface HostForwarder {
  readonly port: number
  /** Drops open connections. Idempotent. */
  close(): Promise<void>
}

/**
 * Passes HTTP requests on with the target's own name as Host: an instance trusts the name of its public address, and
 * not the one that containers see. Connections that the target refuses, drops or resets are dropped or reset too.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED` when the address cannot be listened on; its `details.code` says why.
 */
export async function startHostForwarder(options: HostForwarderOptions): Promise<HostForwarder> {
  const { target, address, subnet } = options
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
    (incoming, outgoing) => passOn(incoming, outgoing, target),
  )
  if (subnet !== undefined) {
    const allowed = new BlockList()
    const [network = '', prefix = ''] = subnet.split('/')
    allowed.addSubnet(network, Number(prefix), 'ipv4')
    server.on('connection', (socket) => {
      if (!allowed.check(socket.remoteAddress ?? '0.0.0.0', 'ipv4')) socket.destroy()
    })
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  }).catch((cause: unknown) => {
    throw new HarnessError('NCMC_CONTAINER_FAILED', `nothing can listen on ${address} for the containers`, {
      details: { code: cause instanceof Error && 'code' in cause ? cause.code : undefined },
      cause,
    })
  })
  let closing: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closing
    },
  }
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, target: URL): void {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp
  const upstream = request(target.origin, {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: [...passed(incoming.rawHeaders), 'Host', target.host, 'Connection', 'keep-alive'],
    // A connection of its own: one that was kept may end just when it is used again. We end it, since a target that ends
    // it after an early refusal takes the refusal back that way (TCP reset).
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  const drop = (error?: Error): void => {
    const isReset = error !== undefined && 'code' in error && error.code === 'ECONNRESET'
    if (isReset) incoming.socket.resetAndDestroy()
    else incoming.socket.destroy()
  }
  let isAnswered = false
  upstream.on('response', (answer) => {
    isAnswered = true
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, passed(answer.rawHeaders))
    answer.on('error', drop)
    answer.pipe(outgoing)
  })
  upstream.on('error', (error) => {
    // An answer that came before the whole request had gone out still counts; its own end says whether it is whole.
    if (!isAnswered) drop(error)
  })
  outgoing.on('finish', () => {
    // What of the request nobody wanted to read must not stand before the next one on this connection.
    incoming.unpipe(upstream)
    incoming.resume()
  })
  incoming.on('error', () => upstream.destroy())
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}

/** @param raw names and values in turn, as on the wire. */
function passed(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !NOT_PASSED_ON.has((raw[index - (index % 2)] ?? '').toLowerCase()))
}
