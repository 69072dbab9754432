/** Every error code of the toolkit, with the one line that `docs` and tests rely on. */
export const ERROR_CODES = {
  NCMC_USAGE: 'a flag, environment variable or configuration value is wrong',
  NCMC_UNKNOWN_NAME: 'a suite, check, mutant, profile or option of that name does not exist',
  NCMC_REPORT_DIR: 'the report folder cannot be written',
  NCMC_REPORT: 'a report cannot be read, or does not go with the others',
  NCMC_PORT_IN_USE: 'the requested port is taken by another process',
  NCMC_NEXTCLOUD_UNREACHABLE: 'the attached Nextcloud does not answer',
  NCMC_NEXTCLOUD_UNSUITABLE: 'the Nextcloud lacks what a run needs (oidc app, registration, users)',
  NCMC_LOGIN_FAILED: 'a user could not log in to Nextcloud',
  NCMC_BROWSER_MISSING: 'no Chromium could be found or installed',
  NCMC_BROWSER_FAILED: 'the browser stopped or did not reach the expected page',
  NCMC_FLOW_TIMEOUT: 'the authorization response did not arrive in time',
  NCMC_FLOW_FAILED: 'the authorization code flow ended with an error',
  NCMC_OAUTH_REQUEST: 'an OAuth request of the toolkit was refused or not understood',
  NCMC_SERVER_START: 'the MCP server did not start',
  NCMC_SERVER_UNREACHABLE: 'the MCP server does not answer',
  NCMC_DOCKER_MISSING: 'no container engine answers',
  NCMC_IMAGE_MISSING: 'an image is not on this machine and could not be pulled',
  NCMC_CONTAINER_FAILED: 'a container did not start, or a command in it failed',
  NCMC_APP_ARCHIVE: 'the archive of an app cannot be read or downloaded',
  NCMC_STACK_TIMEOUT: 'a part of the stack did not become ready in time',
  NCMC_NO_TERMINAL: 'an interactive command was started without a terminal',
  NCMC_NOTHING_RAN: 'no check was run',
  NCMC_INTERNAL: 'the toolkit itself failed',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface NcmcErrorOptions {
  /** Typed facts for tests and reports. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** Common shape of all errors that the toolkit throws on purpose. */
export abstract class NcmcError extends Error {
  abstract readonly exitCode: 2 | 3
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: NcmcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.details = options.details ?? {}
  }
}

/** The user's mistake. The message names the flag or variable as typed, and the fix. Exit code 2. */
export class UsageError extends NcmcError {
  readonly exitCode = 2
}

/** Our own failure or the environment's. Exit code 3. */
export class HarnessError extends NcmcError {
  readonly exitCode = 3
}

/**
 * Makes a text from a target safe to show: one line, control characters escaped, at most `maxLength`
 * characters (default 300).
 */
export function quoteUntrusted(value: unknown, maxLength = 300): string {
  // JSON.stringify gives undefined for undefined, functions and symbols, whatever its type says.
  const json = JSON.stringify(value) as string | undefined
  const text = typeof value === 'string' ? value : (json ?? String(value))
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return JSON.stringify(cut)
}
