import type { Context } from 'hono'
import { escapeXml } from '../../../../xml/xml.js'
import type { EmbeddedEnv } from '../../context.js'
import { BASE_HEADERS, respond } from '../../responses.js'

export interface DavErrorOptions {
  /** Class of the exception as the body names it; default `Sabre\DAV\Exception\<name>`. */
  readonly exceptionClass?: string
  readonly headers?: Readonly<Record<string, string>>
  /** XML after the message, each line already indented, e.g. `  <s:header>Overwrite</s:header>`. */
  readonly extraXml?: string
  /** Attributes after the two usual namespaces of the error element, e.g. ` xmlns:o="http://owncloud.org/ns"`. */
  readonly extraNamespaces?: string
}

/** A refusal of the DAV server; the routes turn it into sabre/dav's XML answer. */
export class DavError extends Error {
  readonly status: number
  readonly exceptionClass: string
  readonly options: DavErrorOptions

  /** @param exception last part of the exception's class, e.g. `NotFound`. */
  constructor(status: number, exception: string, message: string, options: DavErrorOptions = {}) {
    super(message)
    this.name = 'DavError'
    this.status = status
    this.exceptionClass = options.exceptionClass ?? `Sabre\\DAV\\Exception\\${exception}`
    this.options = options
  }
}

export function notFound(message: string, options?: DavErrorOptions): DavError {
  return new DavError(404, 'NotFound', message, options)
}

export function badRequest(message: string): DavError {
  return new DavError(400, 'BadRequest', message)
}

export function forbidden(message: string): DavError {
  return new DavError(403, 'Forbidden', message)
}

export function conflict(message: string): DavError {
  return new DavError(409, 'Conflict', message)
}

/** What every resource of the DAV server may be asked; the value of Allow. */
export const ALLOWED_METHODS = 'OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT'

/** What MKCOL and MKCALENDAR answer where something is already. */
export function alreadyExists(): DavError {
  return new DavError(405, 'MethodNotAllowed', 'The resource you tried to create already exists', {
    headers: { allow: ALLOWED_METHODS },
  })
}

export function notImplemented(method: string): DavError {
  return new DavError(
    501,
    'NotImplemented',
    `There was no plugin in the system that was willing to handle this ${method} method.`,
  )
}

/** The XML answer to a refusal. */
export function davErrorResponse(c: Context<EmbeddedEnv>, error: DavError): Response {
  const { headers, extraXml, extraNamespaces } = error.options
  const body =
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"${extraNamespaces ?? ''}>\n` +
    `  <s:exception>${escapeXml(error.exceptionClass)}</s:exception>\n` +
    // Unlike in a multistatus, quotes stay as they are.
    `  <s:message>${escapeXml(error.message).replaceAll('&quot;', '"')}</s:message>\n${extraXml === undefined ? '' : `${extraXml}\n`}</d:error>\n`
  return respond(c, error.status, body, { ...davHeaders('application/xml; charset=utf-8'), ...headers })
}

/** Headers of every answer of the DAV server. */
export function davHeaders(contentType: string): Record<string, string> {
  return { ...BASE_HEADERS, 'content-security-policy': "default-src 'none';", 'content-type': contentType }
}
