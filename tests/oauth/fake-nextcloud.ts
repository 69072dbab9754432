import { createHash, randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

interface Session {
  token: string
  userId?: string
  pending?: Record<string, string>
  consented: boolean
}

interface Code {
  readonly query: Record<string, string>
  readonly userId: string
}

export interface FakeNextcloud extends AsyncDisposable {
  readonly baseUrl: string
  readonly users: { readonly alice: { readonly userId: string; readonly password: string } }
  readonly requests: string[]
}

const SCRIPTS: Record<string, string> = {
  'oidc-redirect.js': `const d = document.getElementById('oidc-redirect').dataset
    location.replace('/apps/oidc/authorize?' + new URLSearchParams(JSON.parse(d.query)))`,
  'oidc-consent.js': `const token = document.head.dataset.requesttoken
    const mount = document.getElementById('oidc-consent')
    const box = Object.assign(document.createElement('div'), { id: 'oidc-consent-container' })
    const button = (kind, text, path, body, fallback) => {
      const made = Object.assign(document.createElement('button'), { className: 'button ' + kind, textContent: text })
      made.addEventListener('click', async () => {
        try {
          const answer = await fetch('/apps/oidc/consent/' + path, { method: 'POST', headers: { requesttoken: token }, body })
          location.assign(answer.url)
        } catch { location.assign(fallback) }
      })
      box.append(made)
    }
    button('secondary', 'Ablehnen', 'deny', new URLSearchParams(), '/')
    button('primary', 'Erlauben', 'grant', new URLSearchParams({ scopes: mount.dataset.scopes }), '/apps/oidc/authorize')
    mount.append(box)`,
}

/** The pages and endpoints of a Nextcloud that the code flow meets, as small as they can be. */
export async function startFakeNextcloud(options: { consent?: boolean } = {}): Promise<FakeNextcloud> {
  const alice = { userId: 'alice', password: `pw-${randomBytes(8).toString('hex')}` }
  const sessions = new Map<string, Session>()
  const codes = new Map<string, Code>()
  const clients = new Map<string, { secret: string; token: string }>()
  const requests: string[] = []
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }
  const app = new Hono()
  let baseUrl = ''

  const sessionOf = (c: Context): Session => {
    const known = sessions.get(getCookie(c, 'oc') ?? '')
    if (known !== undefined) return known
    const id = randomBytes(8).toString('hex')
    const made: Session = { token: randomBytes(8).toString('base64'), consented: false }
    sessions.set(id, made)
    setCookie(c, 'oc', id, { path: '/', httpOnly: true, sameSite: 'Lax' })
    return made
  }
  const page = (c: Context, title: string, body: string, script?: string): Response => {
    c.header(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'",
    )
    const tag = script === undefined ? '' : `<script src="/apps/oidc/js/${script}" defer></script>`
    return c.html(
      `<!doctype html><html><head data-requesttoken="${sessionOf(c).token}"><title>${title}</title>${tag}</head><body>${body}</body></html>`,
    )
  }
  const encode = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

  app.use(async (c, next) => {
    requests.push(`${c.req.method} ${c.req.path}`)
    await next()
  })
  app.get('/.well-known/openid-configuration', (c) =>
    c.json({
      issuer: baseUrl,
      authorization_endpoint: `${baseUrl}/apps/oidc/authorize`,
      token_endpoint: `${baseUrl}/apps/oidc/token`,
      registration_endpoint: `${baseUrl}/apps/oidc/register`,
      jwks_uri: `${baseUrl}/apps/oidc/jwks`,
    }),
  )
  app.get('/apps/oidc/jwks', (c) => c.json({ keys: [jwk] }))
  app.post('/apps/oidc/register', async (c) => {
    const body = await c.req.json<{ redirect_uris?: string[] }>()
    if (body.redirect_uris === undefined || body.redirect_uris.length === 0) {
      return c.json({ error: 'no_redirect_uris_provided', error_description: 'none' }, 400)
    }
    const id = randomBytes(16).toString('hex')
    const client = { secret: randomBytes(16).toString('hex'), token: randomBytes(16).toString('hex') }
    clients.set(id, client)
    return c.json(
      {
        ...body,
        client_id: id,
        client_secret: client.secret,
        client_secret_expires_at: 0,
        registration_access_token: client.token,
        registration_client_uri: `${baseUrl}/apps/oidc/register/${id}`,
      },
      201,
    )
  })
  app.on(['GET', 'DELETE'], '/apps/oidc/register/:id', (c) => {
    const id = c.req.param('id') ?? ''
    if (c.req.header('authorization') !== `Bearer ${clients.get(id)?.token ?? '-'}`) return c.json({}, 401)
    if (c.req.method === 'GET') return c.json({ client_id: id })
    clients.delete(id)
    return c.body(null, 204)
  })
  app.get('/login', (c) =>
    page(
      c,
      'Login',
      `<div id="login"><form name="login" method="post" action="/login"><input id="user" name="user"><input id="password" type="password" name="password">
       <input type="hidden" name="redirect_url" value="${encode(c.req.query('redirect_url') ?? '')}"><input type="hidden" name="requesttoken" value="${sessionOf(c).token}">
       <button type="submit" data-login-form-submit>Log in</button></form></div>`,
    ),
  )
  app.post('/login', async (c) => {
    const body = await c.req.parseBody<Record<string, string>>()
    const session = sessionOf(c)
    if (c.req.header('origin') !== baseUrl || body['requesttoken'] !== session.token)
      return page(c, 'Login', '')
    if (body['user'] !== alice.userId || body['password'] !== alice.password) {
      return c.redirect(`/login?user=${body['user'] ?? ''}&direct=1`, 303)
    }
    session.userId = alice.userId
    return c.redirect(body['redirect_url'] === '' ? '/apps/dashboard/' : (body['redirect_url'] ?? '/'), 303)
  })
  app.get('/apps/oidc/redirect', (c) =>
    page(
      c,
      'Redirect',
      `<div id="oidc-redirect" data-query="${encode(JSON.stringify(c.req.query()))}"></div>`,
      'oidc-redirect.js',
    ),
  )
  app.get('/apps/oidc/js/:name', (c) =>
    c.body(SCRIPTS[c.req.param('name')] ?? '', 200, { 'content-type': 'text/javascript' }),
  )
  app.get('/apps/oidc/authorize', (c) => {
    const session = sessionOf(c)
    const query = c.req.query('client_id') === undefined ? (session.pending ?? {}) : c.req.query()
    if (session.userId === undefined) {
      const target = `/apps/oidc/redirect?${new URLSearchParams(query).toString()}`
      return c.redirect(`/login?redirect_url=${encodeURIComponent(target)}`, 303)
    }
    if (!clients.has(query['client_id'] ?? ''))
      return page(c, 'Nextcloud', '<p>Your client is not authorized.</p>')
    if (options.consent === true && !session.consented) {
      session.pending = query
      return c.redirect('/apps/oidc/consent', 303)
    }
    const code = randomBytes(16).toString('hex')
    codes.set(code, { query, userId: session.userId })
    const joint = query['response_mode'] === 'fragment' ? '#' : '?'
    return c.redirect(`${query['redirect_uri'] ?? ''}${joint}state=${query['state'] ?? ''}&code=${code}`, 303)
  })
  app.get('/apps/oidc/consent', (c) =>
    page(
      c,
      'Consent',
      `<div id="oidc-consent" data-scopes="${encode(sessionOf(c).pending?.['scope'] ?? '')}"></div>`,
      'oidc-consent.js',
    ),
  )
  app.post('/apps/oidc/consent/:decision', async (c) => {
    const session = sessionOf(c)
    const query = session.pending ?? {}
    if (c.req.header('requesttoken') !== session.token) return c.json({ message: 'CSRF check failed' }, 412)
    if (c.req.param('decision') === 'deny') {
      return c.redirect(
        `${query['redirect_uri'] ?? ''}?error=access_denied&state=${query['state'] ?? ''}`,
        303,
      )
    }
    session.consented = (await c.req.parseBody())['scopes'] === query['scope']
    return c.redirect(`/apps/oidc/authorize?${new URLSearchParams(query).toString()}`, 303)
  })
  app.get('/', (c) => c.redirect('/apps/dashboard/', 303))
  app.get('/apps/dashboard/', (c) => page(c, 'Dashboard', '<main>Welcome</main>'))
  app.post('/apps/oidc/token', async (c) => {
    const body = await c.req.parseBody<Record<string, string>>()
    const code = codes.get(body['code'] ?? '')
    const challenge = createHash('sha256')
      .update(body['code_verifier'] ?? '')
      .digest('base64url')
    if (code?.query['code_challenge'] !== challenge) {
      return c.json({ error: 'invalid_grant', error_description: 'no such code' }, 400)
    }
    const idToken = await new SignJWT({ nonce: code.query['nonce'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'key' })
      .setIssuer(baseUrl)
      .setAudience(body['client_id'] ?? '')
      .setSubject(code.userId)
      .setIssuedAt()
      .setExpirationTime('15m')
      .sign(privateKey)
    return c.json({ access_token: 'at', token_type: 'Bearer', expires_in: 900, id_token: idToken })
  })

  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
      resolve(started)
    })
  })
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    baseUrl,
    users: { alice },
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
