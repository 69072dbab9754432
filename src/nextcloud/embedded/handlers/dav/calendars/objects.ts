import { respond } from '../../../responses.js'
import {
  BIRTHDAY_CALENDAR,
  deleteObject,
  writeObject,
  type CalendarObjectContent,
  type CalendarObjectRow,
  type CalendarRow,
} from '../../../calendars.js'
import { randomAlphanumeric } from '../../oidc/random.js'
import { emptyAnswer } from '../answers.js'
import { badRequest, conflict, davHeaders, forbidden, notFound } from '../dav-error.js'
import { checkPreconditions, preconditionFailed } from '../preconditions.js'
import { sentSegments, type DavRequest } from '../request.js'
import { findCalendar } from './homes.js'
import { contentType } from './resources.js'
import { validateObject } from './validation.js'

/** Nextcloud's `event_size_limit`. */
const MAX_OBJECT_BYTES = 10_485_760

/** @throws {DavError} 404 */
export function objectNamed(calendar: CalendarRow, uri: string): CalendarObjectRow {
  const object = calendar.objects.get(uri)
  if (object === undefined) throw notFound('Calendar object not found')
  return object
}

/** GET and HEAD. */
export function getObject({ c }: DavRequest, object: CalendarObjectRow): Response {
  const { etag, data, modifiedSeconds } = object
  const headers = { etag, 'oc-etag': etag }
  if (checkPreconditions(c, etag)) return emptyAnswer(c, 304, headers)
  return respond(c, 200, data, {
    ...davHeaders(contentType(object)),
    ...headers,
    'content-disposition': contentDisposition(object.uri),
    'content-length': String(Buffer.byteLength(data)),
    'last-modified': new Date(modifiedSeconds * 1000).toUTCString(),
    'x-accel-buffering': 'no',
    'x-debug-token': randomAlphanumeric(20),
  })
}

/** RFC 6266, with a fallback of ASCII characters only. */
function contentDisposition(name: string): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '\\$&')
  return `attachment; filename*=UTF-8''${encoded}; filename="${ascii}"`
}

/** PUT: creates (201) or replaces (204) an object. */
export async function putObject(request: DavRequest, calendar: CalendarRow, uri: string): Promise<Response> {
  const { ctx, c } = request
  const existing = calendar.objects.get(uri)
  checkPreconditions(c, existing?.etag)
  refuseReadOnly(calendar)
  const declared = Number(c.req.header('content-length') ?? 0)
  const bytes = declared > MAX_OBJECT_BYTES ? undefined : await c.req.arrayBuffer()
  if (bytes === undefined || bytes.byteLength > MAX_OBJECT_BYTES) {
    throw forbidden(`VEvent or VTodo object exceeds ${MAX_OBJECT_BYTES} bytes`)
  }
  const text = Buffer.from(bytes).toString('utf8')
  const content = validateObject(text, calendar.components, ctx.clock.nowMs())
  refuseUidConflict(calendar, uri, content)
  const { data, kind, uid, calendar: parsed } = content
  const { etag } = writeObject(calendar, uri, { data, kind, uid, calendar: parsed }, ctx.clock.nowSeconds())
  // The etag of a text that the client has not sent would make it believe that it knows the text.
  const headers = content.wasRepaired ? {} : { etag, 'oc-etag': etag }
  return emptyAnswer(c, existing === undefined ? 201 : 204, headers)
}

/** DELETE of an object. */
export function removeObject({ c }: DavRequest, calendar: CalendarRow, uri: string): Response {
  const { etag } = objectNamed(calendar, uri)
  checkPreconditions(c, etag)
  refuseReadOnly(calendar)
  deleteObject(calendar, uri)
  return emptyAnswer(c, 204)
}

/** MOVE and COPY of an object into a calendar of the same user. */
export function transferObject(
  request: DavRequest,
  calendar: CalendarRow,
  object: CalendarObjectRow,
): Response {
  const { ctx, c, method, userId } = request
  checkPreconditions(c, object.etag)
  const [tree, owner, uri = '', name, ...below] = destinationOf(request)
  if (tree !== 'calendars' || owner !== userId) throw forbidden('Permission denied to create node')
  const target = findCalendar(request, uri)
  if (target === undefined || name === undefined || below.length > 0) {
    throw conflict('The destination node is not found')
  }
  refuseReadOnly(target)
  const replaced = target.objects.get(name)
  if (replaced === object) throw forbidden('Source and destination uri are identical.')
  if (replaced !== undefined && c.req.header('overwrite')?.toUpperCase() === 'F') {
    throw preconditionFailed(
      'The destination node already exists, and the overwrite header is set to false',
      'Overwrite',
    )
  }
  if (method === 'MOVE') {
    refuseReadOnly(calendar)
    if (target === calendar) throw forbidden('Permission denied to rename file')
  }
  if (!target.components.includes(object.kind))
    throw forbidden('The calendar does not take this kind of object')
  refuseUidConflict(target, name, object)
  writeObject(target, name, object, ctx.clock.nowSeconds())
  if (method === 'MOVE') deleteObject(calendar, object.uri)
  return emptyAnswer(c, replaced === undefined ? 201 : 204)
}

/** @throws {DavError} 400 without a Destination header, 403 when it leads out of the DAV server. */
export function destinationOf(request: DavRequest): readonly string[] {
  const destination = request.c.req.header('destination')
  if (destination === undefined) throw badRequest('The destination header was not supplied')
  return sentSegments(request, destination)
}

function refuseReadOnly(calendar: CalendarRow): void {
  if (calendar.uri === BIRTHDAY_CALENDAR) throw forbidden('Access denied')
}

/** Nextcloud 32 answers 400 here, without the precondition element of RFC 4791, 5.3.2.1. */
function refuseUidConflict(calendar: CalendarRow, uri: string, { uid }: CalendarObjectContent): void {
  for (const other of calendar.objects.values()) {
    if (other.uid !== uid || other.uri === uri) continue
    throw badRequest('Calendar object with uid already exists in this calendar collection.')
  }
}
