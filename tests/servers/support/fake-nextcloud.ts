import { randomBytes, randomUUID } from 'node:crypto'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { ALL_SCOPES } from '../../../src/servers/scopes.js'

export interface FakeToken {
  readonly sub: string
  /** Audience: introspection answers for it only to a client registered with this resource. */
  readonly resource: string
  /** Default: everything that the server asks for. */
  readonly scope?: string
  readonly expSeconds?: number
  readonly state?: 'live' | 'expired'
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly headers: Headers
}

interface FakeNote {
  id: number
  owner: string
  title: string
  content: string
  category: string
  version: number
}

interface HeaderReader {
  readonly req: { header(name: string): string | undefined }
}

type Interference = (path: string) => Response | Promise<Response> | undefined

// One for all fakes of a test file: making one takes longer than most tests.
const keyPair = generateKeyPair('RS256')

/** As little of a Nextcloud as the reference servers need, with levers for every answer. */
export class FakeNextcloud {
  readonly url: string
  readonly kid = randomUUID()
  readonly tokens = new Map<string, FakeToken>()
  readonly passwords = new Map([
    ['alice', 'alice-secret-pässword'],
    ['bob', 'bob-secret-password'],
  ])
  readonly clients = new Map<string, { secret: string; resource: string; visibleAtMs: number }>()
  readonly notes = new Map<number, FakeNote>()
  readonly requests: SeenRequest[] = []
  /** Answers in place of the fake when it returns something. */
  interfere: Interference = () => undefined
  clientLifetimeSeconds = 3_600
  /** What the instance calls itself in documents, when that is not the address it is reached at. */
  ownName: string | undefined
  lagMs = 0
  hasIntrospection = true
  publicJwk: JWK = {}
  privateKey!: CryptoKey
  #nextNoteId = 1
  readonly #server: ReturnType<typeof createAdaptorServer>

  private constructor(server: ReturnType<typeof createAdaptorServer>, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${String(port)}`
  }

  static async start(): Promise<FakeNextcloud> {
    const app = new Hono()
    const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const fake = new FakeNextcloud(server, typeof address === 'object' && address !== null ? address.port : 0)
    const { privateKey, publicKey } = await keyPair
    fake.privateKey = privateKey
    fake.publicJwk = { ...(await exportJWK(publicKey)), use: 'sig', alg: 'RS256', kid: fake.kid }
    app.use(async (c, next) => {
      const { pathname } = new URL(c.req.url)
      const authorization = c.req.header('Authorization')
      fake.requests.push({ method: c.req.method, path: pathname, authorization, headers: c.req.raw.headers })
      return (await fake.interfere(pathname)) ?? next()
    })
    fake.#oidc(app)
    fake.#apis(app)
    return fake
  }

  /** A live opaque token. */
  issue(token: FakeToken): string {
    const value = randomBytes(48).toString('base64url')
    this.tokens.set(value, token)
    return value
  }

  /** A JWT access token for `resource`; overrides replace claims, `undefined` leaves one out. */
  async jwt(
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    key: CryptoKey = this.privateKey,
  ): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const usual = { client_id: 'a-client', scope: ALL_SCOPES.join(' ') }
    const all = { iss: this.url, ...usual, iat: nowSeconds, exp: nowSeconds + 900, ...claims }
    const present = Object.fromEntries(
      Object.entries<unknown>(all).filter(([, value]) => value !== undefined),
    )
    return new SignJWT(present)
      .setProtectedHeader({ alg: 'RS256', typ: 'at+JWT', kid: this.kid, ...header })
      .sign(key)
  }

  count(pathPart: string): number {
    return this.requests.filter(({ path }) => path.includes(pathPart)).length
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
      if ('closeAllConnections' in this.#server) this.#server.closeAllConnections()
    })
  }

  #oidc(app: Hono): void {
    const name = (): string => this.ownName ?? this.url
    const base = (): string => `${name()}/index.php/apps/oidc`
    app.get('/.well-known/openid-configuration', (c) =>
      c.json({
        issuer: name(),
        authorization_endpoint: `${base()}/authorize`,
        token_endpoint: `${base()}/token`,
        jwks_uri: `${base()}/jwks`,
        userinfo_endpoint: `${base()}/userinfo`,
        ...(this.hasIntrospection ? { introspection_endpoint: `${base()}/introspect` } : {}),
        registration_endpoint: `${base()}/register`,
      }),
    )
    app.get('/index.php/apps/oidc/jwks', (c) => c.json({ keys: [this.publicJwk] }))
    app.on(['GET', 'POST'], '/index.php/apps/oidc/userinfo', async (c) => {
      const posted = c.req.method === 'POST' ? stringOf((await c.req.parseBody())['access_token']) : undefined
      const token = posted === undefined ? this.#bearer(c) : this.tokens.get(posted)
      if (token?.state === 'expired') {
        return c.json({ error: 'invalid_grant', error_description: 'Access token already expired.' }, 400)
      }
      return token === undefined ? c.json({ error: 'invalid_request' }, 400) : c.json({ sub: token.sub })
    })
    app.post('/index.php/apps/oidc/introspect', async (c) => {
      const form = await c.req.parseBody()
      const clientId = stringOf(form['client_id'])
      const client = this.clients.get(clientId)
      if (client === undefined || client.secret !== form['client_secret']) {
        return c.json({ error: 'invalid_client' }, 401)
      }
      const token = this.tokens.get(stringOf(form['token']))
      if (token === undefined || token.state === 'expired' || token.resource !== client.resource) {
        return c.json({ active: false })
      }
      const exp = token.expSeconds ?? Math.floor(Date.now() / 1000) + 900
      const { sub, scope = ALL_SCOPES.join(' ') } = token
      return c.json({ active: true, sub, client_id: 'a-client', scope, exp })
    })
    app.post('/index.php/apps/oidc/register', async (c) => {
      const metadata = await c.req.json<{ resource_url: string; redirect_uris: string[] }>()
      const id = randomBytes(16).toString('hex')
      const secret = randomBytes(16).toString('hex')
      this.clients.set(id, { secret, resource: metadata.resource_url, visibleAtMs: Date.now() + this.lagMs })
      const nowSeconds = Math.floor(Date.now() / 1000)
      const answer = {
        client_id: id,
        client_secret: secret,
        client_id_issued_at: nowSeconds,
        client_secret_expires_at: nowSeconds + this.clientLifetimeSeconds,
        redirect_uris: metadata.redirect_uris,
        registration_access_token: 'management',
        registration_client_uri: `${base()}/register/${id}`,
      }
      return c.json(answer, 201)
    })
    app.get('/index.php/apps/oidc/register/:id', (c) => {
      const client = this.clients.get(c.req.param('id'))
      const visible = client !== undefined && client.visibleAtMs <= Date.now()
      return visible ? c.json({ client_id: c.req.param('id') }) : c.body(null, 401)
    })
  }

  #apis(app: Hono): void {
    const notes = '/index.php/apps/notes/api/v1'
    app.use('*', async (c, next) => (this.#userOf(c) === undefined ? c.json({ message: '' }, 401) : next()))
    app.get('/ocs/v2.php/cloud/user', (c) => c.json({ ocs: { data: { id: this.#userOf(c) } } }))
    app.get('/ocs/v2.php/cloud/capabilities', (c) =>
      c.json({ ocs: { data: { capabilities: { notes: {} } } } }),
    )
    app.get(`${notes}/settings`, (c) => c.json({ notesPath: 'Notes', fileSuffix: '.md' }))
    app.get(`${notes}/notes`, (c) => {
      const own = [...this.notes.values()].filter(({ owner }) => owner === this.#userOf(c))
      const from = Number(c.req.query('chunkCursor') ?? '0')
      const size = Number(c.req.query('chunkSize'))
      if (from + size < own.length) c.header('X-Notes-Chunk-Cursor', String(from + size))
      return c.json(own.slice(from, from + size).map(wire))
    })
    app.post(`${notes}/notes`, async (c) => {
      const { title, content, category } = await c.req.json<FakeNote>()
      const note = {
        id: this.#nextNoteId++,
        owner: this.#userOf(c) ?? '',
        title,
        content,
        category,
        version: 1,
      }
      this.notes.set(note.id, note)
      return c.json(wire(note))
    })
    app.all(`${notes}/notes/:id`, async (c) => {
      const note = this.notes.get(Number(c.req.param('id')))
      if (note?.owner !== this.#userOf(c) || note === undefined) return c.json({ errorType: 'x' }, 404)
      if (c.req.method === 'DELETE') {
        this.notes.delete(note.id)
        return c.json([])
      }
      if (c.req.method === 'PUT') {
        const condition = c.req.header('If-Match')
        if (condition !== undefined && condition !== `"etag-${String(note.version)}"`)
          return c.json(wire(note), 412)
        Object.assign(note, await c.req.json(), { version: note.version + 1 })
      }
      return c.json(wire(note))
    })
    app.get('/remote.php/dav/files/:user/*', (c) =>
      c.req.path.endsWith('/picture.bin')
        ? c.body(new Uint8Array([0, 255, 1]), 200, { 'Content-Type': 'application/octet-stream' })
        : c.text('', 404),
    )
  }

  #bearer(c: HeaderReader): FakeToken | undefined {
    return this.tokens.get(c.req.header('Authorization')?.replace(/^Bearer /, '') ?? '')
  }

  #userOf(c: HeaderReader): string | undefined {
    const header = c.req.header('Authorization') ?? ''
    if (header.startsWith('Bearer ')) {
      const token = this.#bearer(c)
      return token?.state === 'expired' ? undefined : token?.sub
    }
    const [name = '', password] = Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')
    return this.passwords.get(name) === password ? name : undefined
  }
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function wire({ id, title, content, category, version }: FakeNote): Record<string, unknown> {
  const etag = `etag-${String(version)}`
  return {
    id,
    title,
    content,
    category,
    modified: 1,
    favorite: false,
    readonly: false,
    etag,
    internalPath: '/',
  }
}
