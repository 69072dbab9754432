// A server that does everything about its own client in another way than the reference server, and none of it wrong:
// its client file is no JSON, it renews at the first use after the end, waits for a fresh client at its first use,
// ends on an unreadable file, and does not poll. Started with `node other-server.mjs <port>`.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { NEXTCLOUD_HOST, NEXTCLOUD_OIDC_CLIENT_STORAGE: file, NEXTCLOUD_MCP_SERVER_URL: origin } = process.env
const port = Number(process.argv[2])
const resource = `${origin}/mcp`

function end(line) {
  console.error(line)
  process.exit(1)
}

const response = await fetch(`${NEXTCLOUD_HOST}/.well-known/openid-configuration`)
if (!response.ok) end('cannot read the configuration of Nextcloud')
const metadata = await response.json()

async function register() {
  if (metadata.registration_endpoint === undefined) {
    end('set NEXTCLOUD_OIDC_CLIENT_ID and NEXTCLOUD_OIDC_CLIENT_SECRET, or allow dynamic registration')
  }
  const host = new URL(resource).hostname
  const answer = await fetch(metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [`${origin}/callback`],
      application_type: host === '127.0.0.1' ? 'native' : 'web',
      resource_url: resource,
    }),
  })
  if (answer.status !== 201) end('Nextcloud refuses the registration')
  const { client_id, client_secret, client_secret_expires_at } = await answer.json()
  const client = {
    issuer: metadata.issuer,
    client_id,
    client_secret,
    client_secret_expires_at: String(client_secret_expires_at),
  }
  const text = Object.entries(client).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(`${file}.${process.pid}`, `${text.join('')}end\n`, { mode: 0o600 })
  renameSync(`${file}.${process.pid}`, file)
  return client
}

function load() {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    end('the client file cannot be read; remove it')
  }
  if (!text.endsWith('\nend\n')) end('the client file is damaged; remove it')
  const lines = text.split('\n').filter((line) => line.includes(' = '))
  return Object.fromEntries(lines.map((line) => line.split(' = ')))
}

function isAlive({ client_secret_expires_at: end }) {
  return end === undefined || end === '0' || Number(end) > Date.now() / 1000
}

const { NEXTCLOUD_OIDC_CLIENT_ID: id, NEXTCLOUD_OIDC_CLIENT_SECRET: secret } = process.env
const stored = id === undefined ? load() : { client_id: id, client_secret: secret }
const isUsable = stored !== undefined && (stored.issuer ?? metadata.issuer) === metadata.issuer
let client = isUsable && isAlive(stored) ? stored : await register()

async function introspect(token) {
  if (!isAlive(client)) client = await register()
  const { client_id, client_secret } = client
  for (let attempts = 1; ; attempts += 1) {
    const answer = await fetch(metadata.introspection_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id, client_secret }),
    })
    // Too new, perhaps.
    if (answer.status !== 401 || attempts === 30) return answer.ok && (await answer.json()).active === true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

createServer((request, answer) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', async () => {
    if (token === undefined || !(await introspect(token))) return answer.writeHead(401).end()
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      serverInfo: { name: 'other', version: '1' },
    }
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(body).id, result }))
  })
}).listen(port, '127.0.0.1')
