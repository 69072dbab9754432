// A server unlike the reference server: it looks for the authorization server when the first token comes, and asks
// userinfo alone. The argument `careless` leaves the issuer unchecked.
import { createServer } from 'node:http'

const { Buffer, fetch } = globalThis
const nextcloud = process.env['NEXTCLOUD_HOST']

async function isGood(token) {
  const document = await (await fetch(`${nextcloud}/.well-known/openid-configuration`)).json()
  if (document.issuer !== nextcloud && process.argv[2] !== 'careless') return false
  const answer = await fetch(document.userinfo_endpoint, { headers: { authorization: `Bearer ${token}` } })
  return answer.status === 200
}

/** What a session begins with: a status alone is no answer. */
const ANSWER = {
  jsonrpc: '2.0',
  result: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    serverInfo: { name: 'lazy', version: '1' },
  },
}

createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { id = null } = JSON.parse(Buffer.concat(chunks).toString() || '{}')
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const verdict = token === undefined ? Promise.resolve(false) : isGood(token)
  verdict
    .then((good) =>
      response
        .writeHead(good ? 200 : 401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...ANSWER, id })),
    )
    .catch(() => response.writeHead(503).end())
}).listen(Number(process.env['PORT']), '127.0.0.1')
