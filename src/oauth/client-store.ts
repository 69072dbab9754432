import { randomUUID } from 'node:crypto'
import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const storedClientSchema = z.object({
  issuer: z.string().min(1),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  client_id_issued_at: z.number(),
  /** Seconds since the epoch; 0 means never (RFC 7591 §3.2.1). */
  client_secret_expires_at: z.number(),
  redirect_uris: z.array(z.string()).min(1),
  registration_access_token: z.string().optional(),
  registration_client_uri: z.string().optional(),
  resource_url: z.string().optional(),
})

/** A dynamically registered client as it is kept on disk, with wire spelling. Secret. */
export interface StoredClient {
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string
  /** Seconds since the epoch. */
  readonly client_id_issued_at: number
  /** Seconds since the epoch; 0 means never. */
  readonly client_secret_expires_at: number
  readonly redirect_uris: readonly string[]
  readonly registration_access_token?: string | undefined
  readonly registration_client_uri?: string | undefined
  readonly resource_url?: string | undefined
}

export type LoadedClient =
  | { readonly status: 'absent' }
  | { readonly status: 'corrupt'; readonly reason: string }
  | { readonly status: 'found'; readonly client: StoredClient }

export interface ClientStoreOptions {
  /** Mode of the finished file. Default 0o600; anything else is a deliberate fault. */
  readonly fileMode?: number
  /** Whether the file is replaced in one step. Default true; false is a deliberate fault. */
  readonly atomic?: boolean
}

const PRIVATE_FILE_MODE = 0o600
const FAULTY_PIECE_BYTES = 64
const FAULTY_PAUSE_MS = 2

/** Keeps one registered client in a JSON file that only its owner can read. */
export class ClientStore {
  readonly path: string
  readonly #fileMode: number
  readonly #atomic: boolean

  constructor(path: string, options: ClientStoreOptions = {}) {
    this.path = path
    this.#fileMode = options.fileMode ?? PRIVATE_FILE_MODE
    this.#atomic = options.atomic ?? true
  }

  /**
   * Reads the file. A file that is no such JSON document is `corrupt`, with a reason that quotes nothing of it.
   *
   * @throws the file system's error when the file exists and cannot be read.
   */
  async load(): Promise<LoadedClient> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (thrown) {
      if (isMissing(thrown)) return { status: 'absent' }
      throw thrown
    }
    let document: unknown
    try {
      document = JSON.parse(text)
    } catch {
      return { status: 'corrupt', reason: text.trim() === '' ? 'the file is empty' : 'the file is no JSON' }
    }
    const parsed = storedClientSchema.safeParse(document)
    if (parsed.success) return { status: 'found', client: parsed.data }
    const [issue] = parsed.error.issues
    const member = issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.')
    return { status: 'corrupt', reason: `${member} is missing or has the wrong type` }
  }

  /**
   * Replaces the file in one step: a temporary file beside it is created with mode 0600 (whatever the umask),
   * written, synced and renamed. Readers see the old client or the new one; of concurrent saves one wins whole.
   *
   * @throws the file system's error; no temporary file stays behind.
   */
  async save(client: StoredClient): Promise<void> {
    const text = `${JSON.stringify(storedClientSchema.parse(client), null, 2)}\n`
    if (!this.#atomic) return writeInPlace(this.path, text)
    const temporaryPath = join(dirname(this.path), `.ncmc-client-${randomUUID()}.tmp`)
    try {
      const file = await open(temporaryPath, 'wx', PRIVATE_FILE_MODE)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporaryPath, this.path)
    } catch (thrown) {
      await rm(temporaryPath, { force: true })
      throw thrown
    }
    if (this.#fileMode !== PRIVATE_FILE_MODE) await chmod(this.path, this.#fileMode)
  }
}

/**
 * Whether the client's registration has ended, or ends within `marginSeconds` (default 0).
 * `client_secret_expires_at` 0 never ends (RFC 7591 §3.2.1).
 */
export function isClientExpired(client: StoredClient, nowSeconds: number, marginSeconds = 0): boolean {
  return (
    client.client_secret_expires_at !== 0 && client.client_secret_expires_at <= nowSeconds + marginSeconds
  )
}

function isMissing(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ENOENT'
}

/** What `atomic: false` does: whoever reads meanwhile reads a part, and two writers mix. */
async function writeInPlace(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', PRIVATE_FILE_MODE)
  try {
    for (let start = 0; start < text.length; start += FAULTY_PIECE_BYTES) {
      await file.write(text.slice(start, start + FAULTY_PIECE_BYTES), start)
      await delay(FAULTY_PAUSE_MS)
    }
  } finally {
    await file.close()
  }
}
