import { onTestFinished } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { basic, ORIGIN } from './core-visitor.js'

export type Json = Readonly<Record<string, unknown>>

export interface AppAnswer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** `undefined` when the body is no JSON. */
  readonly body: Body
}

export interface AppCall {
  /** Default alice. */
  readonly user?: 'alice' | 'bob'
  readonly json?: unknown
  /** Instead of `json`: sent as it is, still called JSON. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls the APIs of apps on an embedded Nextcloud that ends with the test, with Basic and `OCS-APIRequest`. */
export class AppVisitor {
  readonly nextcloud: EmbeddedNextcloud
  readonly #prefix: string

  private constructor(nextcloud: EmbeddedNextcloud, prefix: string) {
    this.nextcloud = nextcloud
    this.#prefix = prefix
  }

  /** @param prefix of all paths */
  static async start(prefix: string, options: EmbeddedOptions = {}): Promise<AppVisitor> {
    const nextcloud = await startEmbeddedNextcloud(options)
    onTestFinished(() => nextcloud.stop())
    return new AppVisitor(nextcloud, prefix)
  }

  async call<Body = Json>(
    method: string,
    path: string,
    { user = 'alice', json, raw, headers }: AppCall = {},
  ): Promise<AppAnswer<Body>> {
    const { userId, password } = this.nextcloud.users[user]
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json))
    const response = await this.nextcloud.app.request(ORIGIN + this.#prefix + path, {
      method,
      headers: {
        ...basic(userId, password),
        'ocs-apirequest': 'true',
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parse(text) as Body }
  }

  /** A call that must be answered with 200; the JSON of the answer. */
  async ok<Body = Json & { readonly id: number }>(
    method: string,
    path: string,
    json?: unknown,
    user: 'alice' | 'bob' = 'alice',
  ): Promise<Body> {
    const { status, text, body } = await this.call<Body>(method, path, {
      user,
      ...(json === undefined ? {} : { json }),
    })
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`)
    return body
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
