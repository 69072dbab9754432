import type { EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'

export const ORIGIN = 'http://cloud.test'

/** A visitor with a cookie jar who calls an embedded Nextcloud without a socket. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #nextcloud: EmbeddedNextcloud

  constructor(nextcloud: EmbeddedNextcloud) {
    this.#nextcloud = nextcloud
  }

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const cookies = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
    if (cookies !== '') headers.set('cookie', cookies)
    const response = await this.#nextcloud.app.request(ORIGIN + path, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === 'deleted') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  async requestToken(page = '/index.php/login'): Promise<string> {
    return /data-requesttoken="([^"]+)"/.exec(await (await this.send(page)).text())?.[1] ?? ''
  }

  /** Posts the login form as a browser does; `fields` and `headers` replace the right ones. */
  async logIn(fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
    const { alice } = this.#nextcloud.users
    const requesttoken = await this.requestToken()
    return this.send('/index.php/login', {
      method: 'POST',
      headers: { origin: ORIGIN, ...headers },
      body: new URLSearchParams({ user: alice.userId, password: alice.password, requesttoken, ...fields }),
    })
  }
}

export function basic(userId: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}` }
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
