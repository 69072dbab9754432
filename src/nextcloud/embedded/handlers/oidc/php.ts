/** `rawurlencode`: everything but RFC 3986 unreserved characters is percent-encoded. */
export function rawUrlEncode(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** `rawurldecode`: malformed sequences stay as they are, `+` is not a space. */
export function rawUrlDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/** A query string in RFC 3986 encoding, pairs in the given order. */
export function buildQuery(pairs: Iterable<readonly [string, string]>): string {
  return Array.from(pairs, ([name, value]) => `${rawUrlEncode(name)}=${rawUrlEncode(value)}`).join('&')
}

const LEFT_READABLE: Readonly<Record<string, string>> = {
  '%2F': '/',
  '%252F': '%2F',
  '%3F': '?',
  '%40': '@',
  '%3A': ':',
  '%21': '!',
  '%3B': ';',
  '%2C': ',',
  '%2A': '*',
}

/**
 * A query string as Nextcloud's URL generator writes it: like `buildQuery`, but with the characters readable that
 * RFC 3986 allows in a query. That leaves a literal `@`, at which the login page drops the whole redirect target.
 */
export function buildReadableQuery(pairs: Iterable<readonly [string, string]>): string {
  return buildQuery(pairs).replace(
    /%252F|%(?:2F|3F|40|3A|21|3B|2C|2A)/g,
    (sequence) => LEFT_READABLE[sequence] ?? sequence,
  )
}

/** `json_encode` with default flags, as the payload of a JWT is written: slashes and non-ASCII escaped. */
export function phpJsonEncode(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Escapes a text for HTML text and double-quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;')
}
