import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import type { CheckContext } from '../context.js'

/** Who asks which Nextcloud. */
export type UserApiUser = Pick<NextcloudUser, 'userId' | 'password'>

/** Requests of one person to a part of Nextcloud, past the server under test. Basic credentials, no cookies. */
export class UserApi {
  readonly #fetch: CheckContext['fetch']
  readonly #base: string
  readonly #authorization: string

  /** @param base URL that the paths of requests are appended to, without trailing slash. */
  constructor(ctx: Pick<CheckContext, 'fetch'>, base: string, { userId, password }: UserApiUser) {
    this.#fetch = ctx.fetch
    this.#base = base
    this.#authorization = `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`
  }

  /** @param path percent-encoded, with its leading slash and query. */
  request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Buffer<ArrayBuffer>,
  ): Promise<Response> {
    return this.#fetch(this.#base + path, {
      method,
      headers: { authorization: this.#authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    })
  }

  /** As `request`, with a body that is sent as JSON and an answer that is asked for as JSON. */
  requestJson(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const contentType = body === undefined ? {} : { 'content-type': 'application/json' }
    return this.request(
      method,
      path,
      { accept: 'application/json', ...contentType, ...headers },
      body === undefined ? undefined : JSON.stringify(body),
    )
  }
}
