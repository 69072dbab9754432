import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { isJsonObject, readJsonObject } from './json.js'
import { UserApi, type UserApiUser } from './user-api.js'

export interface NoteFields {
  readonly title: string
  readonly content: string
  readonly category: string
}

/** A note as Nextcloud itself shows it. */
export interface NextcloudNote extends NoteFields {
  readonly id: number
  readonly etag: string
}

/**
 * One user's notes, read and written past the server under test: what a tool says it did is compared with what
 * Nextcloud has. Basic credentials, no cookies.
 */
export class NextcloudNotes {
  readonly #api: UserApi

  constructor(ctx: Pick<CheckContext, 'fetch'>, baseUrl: string, user: UserApiUser) {
    this.#api = new UserApi(ctx, `${baseUrl}/index.php/apps/notes/api/v1/notes`, user)
  }

  /** `undefined` when the user has no such note. */
  async get(noteId: number): Promise<NextcloudNote | undefined> {
    const response = await this.#request('GET', `/${noteId}`)
    if (response.status === 404) return undefined
    return readNote(response, 'reading')
  }

  async create(fields: NoteFields): Promise<NextcloudNote> {
    return readNote(await this.#request('POST', '', fields), 'creating')
  }

  async update(noteId: number, changes: Partial<NoteFields>): Promise<NextcloudNote> {
    return readNote(await this.#request('PUT', `/${noteId}`, changes), 'updating')
  }

  /** Ids of the user's notes whose title is this. */
  async idsByTitle(title: string): Promise<readonly number[]> {
    const response = await this.#request('GET', '?exclude=content')
    const list: unknown = await response.json().catch(() => undefined)
    if (!Array.isArray(list)) throw broken('listing', response.status)
    return list
      .filter(isJsonObject)
      .filter((note) => note['title'] === title)
      .map(({ id }) => Number(id))
  }

  /** Deletes notes; those that are gone already are no failure. */
  async remove(...noteIds: readonly (number | undefined)[]): Promise<void> {
    const known = noteIds.filter((noteId) => noteId !== undefined)
    await Promise.allSettled(known.map((noteId) => this.#request('DELETE', `/${noteId}`)))
  }

  #request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#api.requestJson(method, path, body)
  }
}

/** The notes of a person on the shared Nextcloud. */
export function sharedNotes(ctx: CheckContext, user: 'alice' | 'bob'): NextcloudNotes {
  return new NextcloudNotes(ctx, ctx.nextcloud.baseUrl, ctx.users[user])
}

async function readNote(response: Response, what: string): Promise<NextcloudNote> {
  const { id, title, content, category, etag } = await readJsonObject(response)
  if (!response.ok || typeof id !== 'number') throw broken(what, response.status)
  return { id, title: text(title), content: text(content), category: text(category), etag: text(etag) }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function broken(what: string, status: number): NotTestableError {
  return new NotTestableError(`${what} notes on Nextcloud directly is answered with status ${status}`)
}
