import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { UserApi, type UserApiUser } from './user-api.js'

/** A file as Nextcloud itself has it. */
export interface NextcloudFile {
  readonly bytes: Buffer
  /** Content-Type of the answer, parameters included. */
  readonly contentType: string
}

/**
 * One user's files, read and written past the server under test: what a tool says it did is compared with what Nextcloud
 * has. WebDAV with Basic credentials, no cookies. Paths are plain (`folder/a b.txt`), relative to the user's home, and are
 * percent-encoded here.
 */
export class NextcloudFiles {
  readonly #api: UserApi

  constructor(ctx: Pick<CheckContext, 'fetch'>, baseUrl: string, user: UserApiUser) {
    this.#api = new UserApi(ctx, `${baseUrl}/remote.php/dav/files/${encodeURIComponent(user.userId)}`, user)
  }

  /** `undefined` when the user has no such file. */
  async read(path: string): Promise<NextcloudFile | undefined> {
    const response = await this.#request('GET', path)
    if (response.status === 404) return undefined
    if (!response.ok) throw broken('reading', response.status)
    return {
      bytes: Buffer.from(await response.arrayBuffer()),
      contentType: response.headers.get('content-type') ?? '',
    }
  }

  /** Makes or replaces a file; its folder must be there. */
  async write(
    path: string,
    content: string | Buffer<ArrayBuffer>,
    contentType = 'text/plain',
  ): Promise<void> {
    const response = await this.#request('PUT', path, { 'content-type': contentType }, content)
    if (!response.ok) throw broken('writing', response.status)
  }

  /** Makes a folder; its parent must be there. */
  async makeFolder(path: string): Promise<void> {
    const response = await this.#request('MKCOL', path)
    if (!response.ok) throw broken('making', response.status)
  }

  /** What is at a path: `undefined` for nothing. */
  async kindOf(path: string): Promise<'file' | 'folder' | undefined> {
    const response = await this.#request('PROPFIND', path, { depth: '0' })
    if (response.status === 404) return undefined
    if (response.status !== 207) throw broken('looking for', response.status)
    return /<(?:[\w-]+:)?collection\b/.test(await response.text()) ? 'folder' : 'file'
  }

  /** Deletes files and folders with all in them; those that are gone already are no failure. */
  async remove(...paths: readonly string[]): Promise<void> {
    await Promise.allSettled(paths.map((path) => this.#request('DELETE', path)))
  }

  #request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Buffer<ArrayBuffer>,
  ): Promise<Response> {
    return this.#api.request(method, `/${path.split('/').map(encodeURIComponent).join('/')}`, headers, body)
  }
}

/** The files of a person on the shared Nextcloud. */
export function sharedFiles(ctx: CheckContext, user: 'alice' | 'bob'): NextcloudFiles {
  return new NextcloudFiles(ctx, ctx.nextcloud.baseUrl, ctx.users[user])
}

function broken(what: string, status: number): NotTestableError {
  return new NotTestableError(`${what} files on Nextcloud directly is answered with status ${status}`)
}
