import { createHmac, randomBytes } from 'node:crypto'

/** Header names whose whole value is secret. */
const SECRET_HEADERS = new Set([
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'requesttoken',
  'mcp-session-id',
])

/** JSON members, form fields and query parameters whose value is secret wherever they appear. */
const SECRET_MEMBERS = [
  'access_token',
  'refresh_token',
  'id_token',
  'id_token_hint',
  'client_secret',
  'registration_access_token',
  'code',
  'code_verifier',
  'password',
  'requesttoken',
  'token',
  'subject_token',
  'assertion',
]
const MEMBER_ALTERNATIVES = SECRET_MEMBERS.join('|')
const JSON_MEMBER = new RegExp(`"(${MEMBER_ALTERNATIVES})"(\\s*:\\s*)"((?:[^"\\\\]|\\\\.)*)"`, 'g')
const FORM_MEMBER = new RegExp(
  `((?:^|[?&#;\\s"'])(${MEMBER_ALTERNATIVES})=)(\\[[\\w.-]+#[0-9a-f]{8}\\]|[^&#\\s"'<>]+)`,
  'gm',
)
const ENCODED_MEMBER = new RegExp(
  `((?:%3F|%26|%23)(${MEMBER_ALTERNATIVES})%3D)((?:(?!%26)[^&#\\s"'<>])+)`,
  'gi',
)
/** Private members of a published JSON Web Key (RFC 7518 §6.3.2, §6.4.1). */
const PRIVATE_KEY_MEMBER = /"(d|p|q|dp|dq|qi|k)"(\s*:\s*)"([\w-]{32,})"/g
const PAGE_TOKEN = /(data-requesttoken=")([^"]+)(")/g
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g
const REDACTED = /^\[[\w.-]+#[0-9a-f]{8}\]$/

/** Shorter values would be replaced in places where they mean something else. */
const MIN_SECRET_LENGTH = 8

/**
 * Replaces secrets by short keyed fingerprints, e.g. `[access_token#1a2b3c4d]`: two places can be shown to hold
 * the same value without storing it. Secrets are learned from where they stand (headers, members) and from
 * `learn()`, and are then replaced wherever they appear, also URL-encoded, JSON-escaped or in Base64 credentials.
 *
 * The key lives in memory for one run, so fingerprints cannot be tested against guesses afterwards.
 */
export class Redactor {
  readonly #key: Buffer
  /** Every spelling of a secret to its replacement. */
  readonly #replacements = new Map<string, string>()
  /** The same spellings by their first characters, longest first: a text is searched in one pass over it. */
  readonly #byPrefix = new Map<string, string[]>()
  /** Whether a spelling begins with these two characters: most places of a text need no further look. */
  readonly #beginnings = new Uint8Array(1 << 16)

  /** @param keyHex 32 bytes as hex, shared by all processes of one run. Default: a fresh random key. */
  constructor(keyHex?: string) {
    this.#key = keyHex === undefined ? randomBytes(32) : Buffer.from(keyHex, 'hex')
  }

  /** The key as hex, for handing to another process of the same run. Secret. */
  keyHex(): string {
    return this.#key.toString('hex')
  }

  /** Short keyed fingerprint of a value, e.g. `[access_token#1a2b3c4d]`. */
  fingerprint(kind: string, value: string): string {
    return `[${kind}#${createHmac('sha256', this.#key).update(value).digest('hex').slice(0, 8)}]`
  }

  /** Makes a value known as secret. Values under 8 characters are not learned: they are redacted by place only. */
  learn(kind: string, value: string): void {
    if (value.length < MIN_SECRET_LENGTH || REDACTED.test(value) || this.#replacements.has(value)) return
    const fingerprint = this.fingerprint(kind, value)
    for (const spelling of spellings(value)) {
      this.#replacements.set(spelling, fingerprint)
      this.#beginnings[beginningAt(spelling, 0)] = 1
      const prefix = spelling.slice(0, MIN_SECRET_LENGTH)
      const sharing = [...(this.#byPrefix.get(prefix) ?? []), spelling]
      this.#byPrefix.set(
        prefix,
        sharing.sort((a, b) => b.length - a.length),
      )
    }
  }

  /** Learns a user name and password pair: the password itself and the Basic credentials that hold it. */
  learnCredentials(userName: string, password: string): void {
    this.learn('password', password)
    this.learn('basic_credentials', Buffer.from(`${userName}:${password}`).toString('base64'))
  }

  /** Redacts a free text: body, message, URL. */
  text(value: string): string {
    this.#learnFrom(value)
    const byPlace = value
      .replaceAll(JSON_MEMBER, (_, member: string, colon: string, secret: string) =>
        secret === '' ? `"${member}"${colon}""` : `"${member}"${colon}"${this.#place(member, secret)}"`,
      )
      .replaceAll(
        PRIVATE_KEY_MEMBER,
        (_, member: string, colon: string, secret: string) =>
          `"${member}"${colon}"${this.#place('private_key', secret)}"`,
      )
      .replaceAll(
        FORM_MEMBER,
        (_, head: string, member: string, secret: string) => head + this.#place(member, secret),
      )
      .replaceAll(
        ENCODED_MEMBER,
        (_, head: string, member: string, secret: string) => head + this.#place(member, secret),
      )
      .replaceAll(
        PAGE_TOKEN,
        (_, head: string, secret: string, tail: string) => head + this.#place('requesttoken', secret) + tail,
      )
      .replaceAll(JWT, (jwt) => this.#place('jwt', jwt))
    return this.#replaceKnown(byPlace)
  }

  /** Redacts a structured value (anything that JSON can hold) in keys' values and strings. */
  value(input: unknown): unknown {
    if (typeof input === 'string') return this.text(input)
    if (Array.isArray(input)) return input.map((item) => this.value(item))
    if (typeof input === 'object' && input !== null) {
      return Object.fromEntries(
        Object.entries(input).map(([member, item]) => [
          member,
          typeof item === 'string' && item !== '' && SECRET_MEMBERS.includes(member)
            ? this.#place(member, item)
            : this.value(item),
        ]),
      )
    }
    return input
  }

  /** Redacts headers into a plain object; repeated names are joined with `, `. */
  headers(headers: Iterable<readonly [string, string]>): Record<string, string> {
    const result: Record<string, string> = {}
    for (const [rawName, value] of headers) {
      const name = rawName.toLowerCase()
      const redacted = this.#header(name, value)
      result[name] = result[name] === undefined ? redacted : `${result[name]}, ${redacted}`
    }
    return result
  }

  #header(name: string, value: string): string {
    if (name === 'authorization') {
      const [scheme = '', ...rest] = value.split(' ')
      const credentials = rest.join(' ')
      if (credentials === '') return this.text(scheme)
      const known = this.#replacements.get(credentials)
      return `${scheme} ${known ?? this.#place(/^basic$/i.test(scheme) ? 'basic_credentials' : 'bearer', credentials)}`
    }
    if (name === 'cookie' || name === 'set-cookie') {
      const separator = name === 'cookie' ? /;\s*/ : /^$/
      return value
        .split(separator)
        .map((pair) =>
          pair.replace(
            /^([^=;]+)=([^;]*)/,
            (_, cookie: string, secret: string) => `${cookie}=${this.#place('cookie', secret)}`,
          ),
        )
        .join('; ')
    }
    if (SECRET_HEADERS.has(name)) return this.#place(name, value)
    return this.text(value)
  }

  /** Fingerprint of a value found in a secret place; it is learned too, so that it is replaced elsewhere. */
  #place(kind: string, value: string): string {
    if (value === '' || REDACTED.test(value)) return value
    const known = this.#replacements.get(value)
    if (known !== undefined) return known
    const decoded = decodeOnce(value)
    this.learn(kind, decoded)
    return this.fingerprint(kind, decoded)
  }

  /** First pass, so that a value which stands in a secret place is replaced in the same text's other places too. */
  #learnFrom(value: string): void {
    for (const [, member = '', , secret = ''] of value.matchAll(JSON_MEMBER))
      this.learn(member, unescapeJson(secret))
    for (const [, , member = '', secret = ''] of value.matchAll(FORM_MEMBER))
      this.learn(member, decodeOnce(secret))
  }

  #replaceKnown(value: string): string {
    let result = ''
    let copied = 0
    for (let at = 0; at + MIN_SECRET_LENGTH <= value.length; at += 1) {
      if (this.#beginnings[beginningAt(value, at)] === 0) continue
      const sharing = this.#byPrefix.get(value.slice(at, at + MIN_SECRET_LENGTH))
      const secret = sharing?.find((spelling) => value.startsWith(spelling, at))
      if (secret === undefined) continue
      result += value.slice(copied, at) + (this.#replacements.get(secret) ?? '[secret]')
      copied = at + secret.length
      at = copied - 1
    }
    return copied === 0 ? value : result + value.slice(copied)
  }
}

/** Two characters as an index; others that share the low bytes share it too. */
function beginningAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff)
}

function spellings(value: string): Set<string> {
  const json = JSON.stringify(value).slice(1, -1)
  return new Set([
    value,
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    new URLSearchParams({ v: value }).toString().slice(2),
    json,
    json.replaceAll('/', String.raw`\/`),
    Buffer.from(value).toString('base64'),
  ])
}

function decodeOnce(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return value
  }
}

function unescapeJson(value: string): string {
  try {
    return JSON.parse(`"${value}"`) as string
  } catch {
    return value
  }
}
