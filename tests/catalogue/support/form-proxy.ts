import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Json = Record<string, unknown>

/** How another server would have put the same answers. */
export interface ServerForm {
  /** Changes the Authorization header before the server sees it. */
  readonly authorization?: (value: string) => string
  /** Changes the arguments of a call before the server sees them. */
  readonly args?: (tool: string, args: Json) => Json
  readonly listedTool?: (tool: Json) => Json
  readonly result?: (tool: string, args: Json, result: Json) => Json | Promise<Json>
  /** Turns the error of a call into a result. */
  readonly error?: (tool: string, error: { code: number; message: string }) => Json | undefined
}

export interface FormProxy extends AsyncDisposable {
  /** The MCP endpoint by way of the proxy. */
  readonly url: string
  /** Where requests go from now on. */
  forwardTo(endpoint: string): void
}

const NOT_FORWARDED = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'content-encoding',
])

/** A loopback address that leads to an MCP server and gives its answers another form. */
export async function startFormProxy(form: ServerForm): Promise<FormProxy> {
  let upstream = ''
  const server = createServer((request, response) => {
    answer(request, upstream, form).then(
      ({ status, headers, body }) => {
        for (const [name, value] of headers) if (!NOT_FORWARDED.has(name)) response.setHeader(name, value)
        response.writeHead(status).end(body)
      },
      (error: unknown) => response.writeHead(502).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    forwardTo: (endpoint) => {
      upstream = endpoint
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(request: IncomingMessage, upstream: string, form: ServerForm) {
  const { method = 'GET', url = '/' } = request
  if (method === 'GET' && url === '/mcp') return { status: 405, headers: new Headers(), body: '' }
  const sent = method === 'POST' ? (JSON.parse(await text(request)) as Json) : undefined
  const call =
    sent?.['method'] === 'tools/call' ? (sent['params'] as { name: string; arguments?: Json }) : undefined
  if (call?.arguments !== undefined) call.arguments = form.args?.(call.name, call.arguments) ?? call.arguments
  const reply = await fetch(new URL(url, upstream), {
    method,
    headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !NOT_FORWARDED.has(name)
        ? [[name, name === 'authorization' ? (form.authorization?.(value) ?? value) : value]]
        : [],
    ),
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  })
  const body = await reply.text()
  // By hand: a regular expression takes U+2028 for the end of a line.
  const data = body
    .split('\n')
    .find((line) => line.startsWith('data: '))
    ?.slice('data: '.length)
  if (data === undefined) return { status: reply.status, headers: reply.headers, body }
  const message = await reformed(JSON.parse(data) as Json, sent?.['method'], call, form)
  return {
    status: reply.status,
    headers: reply.headers,
    body: `event: message\ndata: ${JSON.stringify(message)}\n\n`,
  }
}

async function reformed(
  message: Json,
  method: unknown,
  call: { name: string; arguments?: Json } | undefined,
  form: ServerForm,
): Promise<Json> {
  const { error, ...rest } = message as { error?: { code: number; message: string }; result?: Json }
  if (method === 'tools/list' && rest.result !== undefined) {
    const tools = rest.result['tools'] as Json[]
    return {
      ...rest,
      result: { ...rest.result, tools: tools.map((tool) => form.listedTool?.(tool) ?? tool) },
    }
  }
  if (call === undefined) return message
  if (rest.result !== undefined) {
    return {
      ...rest,
      result: (await form.result?.(call.name, call.arguments ?? {}, rest.result)) ?? rest.result,
    }
  }
  const result = error === undefined ? undefined : form.error?.(call.name, error)
  return result === undefined ? message : { ...rest, result }
}
