// An MCP server that is none: `node hostile-server.mjs <kind> <port>`.
import { createServer } from 'node:http'
import { clearInterval, setInterval } from 'node:timers'

const [kind, port] = process.argv.slice(2)
const HTML = '<!doctype html><title>Login</title><form><input name="user"></form>'

const ANSWERS = {
  401: (_request, response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end(),
  200: (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  html: (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(HTML),
  silent: () => undefined,
  endless: (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = ' '.repeat(65_536)
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  },
  stream: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write(': nothing\n\n'), 200)
    response.once('close', () => clearInterval(timer))
  },
  closes: (request) => request.socket.destroy(),
}

const answer = ANSWERS[kind]
let isFirst = true
createServer((request, response) => {
  // Readiness is any answer; what comes after it is the subject.
  if (isFirst && (kind === 'silent' || kind === 'closes')) {
    isFirst = false
    response.writeHead(404).end()
    return
  }
  request.resume()
  answer(request, response)
}).listen(Number(port), '127.0.0.1')
