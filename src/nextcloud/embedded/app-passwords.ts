import { createHash } from 'node:crypto'
import { randomAlphanumeric } from './handlers/oidc/random.js'

const APP_PASSWORD_LENGTH = 72

/** A row of Nextcloud's table of permanent authentication tokens. The password itself is not kept. */
export interface AppPasswordRow {
  /** SHA-512 hex of the password. */
  readonly hash: string
  readonly userId: string
  /** The name that the user logged in with, which may be an email address. */
  readonly loginName: string
  /** User agent of the client that asked for it. */
  readonly clientName: string
  readonly createdSeconds: number
}

/** The app passwords of an instance. */
export class AppPasswords {
  readonly #byHash = new Map<string, AppPasswordRow>()

  /** Makes an app password and returns it; afterwards only its hash is known. */
  create(row: Omit<AppPasswordRow, 'hash'>): string {
    const password = randomAlphanumeric(APP_PASSWORD_LENGTH)
    const hash = hashOf(password)
    this.#byHash.set(hash, { ...row, hash })
    return password
  }

  /** The row of a password, if it is a live app password. */
  find(password: string): AppPasswordRow | undefined {
    return this.#byHash.get(hashOf(password))
  }

  get(hash: string): AppPasswordRow | undefined {
    return this.#byHash.get(hash)
  }

  /** Ends an app password, and with it every session that it opened. */
  revoke(hash: string): void {
    this.#byHash.delete(hash)
  }
}

function hashOf(password: string): string {
  return createHash('sha512').update(password).digest('hex')
}
