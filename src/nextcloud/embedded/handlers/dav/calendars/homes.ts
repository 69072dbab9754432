import { descendant, type XmlElement } from '../../../../../xml/xml.js'
import type { CalendarRow } from '../../../calendars.js'
import { BIRTHDAY_CALENDAR } from '../../../calendars.js'
import { emptyAnswer } from '../answers.js'
import { alreadyExists, badRequest, conflict, DavError, forbidden, notFound } from '../dav-error.js'
import { clark } from '../names.js'
import { propertiesToSet } from '../property-update.js'
import { xmlBody, type DavRequest } from '../request.js'
import { calendarFrom } from './properties.js'
import { SPECIAL_COLLECTIONS } from './resources.js'

/** All calendars of the user who asks, those in the trash bin too. */
export function calendarsOf({ ctx, userId }: DavRequest): CalendarRow[] {
  return ctx.store.calendars.listOf(userId, ctx.clock.nowSeconds())
}

/** The user's own calendar of that name; `undefined` when there is none. */
export function findCalendar({ ctx, userId }: DavRequest, uri: string): CalendarRow | undefined {
  return ctx.store.calendars.homeOf(userId, ctx.clock.nowSeconds()).get(uri)
}

/** @throws {DavError} 404 */
export function calendarNamed(request: DavRequest, uri: string): CalendarRow {
  const calendar = findCalendar(request, uri)
  if (calendar === undefined) throw notFound(`Node with name '${uri}' could not be found`)
  return calendar
}

/**
 * MKCALENDAR (RFC 4791, 5.3.1) and extended MKCOL (RFC 5689). The name of a calendar in the trash bin is taken.
 *
 * @param segments of the calendar to be made.
 */
export async function makeCalendar(request: DavRequest, uri: string): Promise<Response> {
  const { ctx, c, userId, method, segments } = request
  const body = await xmlBody(request)
  const home = ctx.store.calendars.homeOf(userId, ctx.clock.nowSeconds())
  if (segments.length > 4) {
    throw conflict(home.has(uri) ? 'Parent node is not a collection' : 'Parent node does not exist')
  }
  if (segments.length === 4) {
    if (!home.has(uri)) throw conflict('Parent node does not exist')
    throw forbidden('Creating collections in calendar objects is not allowed')
  }
  if (home.has(uri) || SPECIAL_COLLECTIONS.some((name) => name === uri)) throw alreadyExists()
  if (uri === BIRTHDAY_CALENDAR || uri === 'notifications' || uri.startsWith('app-generated--')) {
    throw new DavError(405, 'MethodNotAllowed', 'The resource you tried to create has a reserved name')
  }
  const root = method === 'MKCALENDAR' ? clark('cal', 'mkcalendar') : clark('d', 'mkcol')
  if (body !== undefined && body.name !== root) throw badRequest('The body is not a document of this method')
  checkResourceType(method, body)
  home.set(uri, calendarFrom(uri, propertiesToSet(body)))
  return emptyAnswer(c, 201)
}

function checkResourceType(method: string, body: XmlElement | undefined): void {
  const type = descendant(body, clark('d', 'set'), clark('d', 'prop'), clark('d', 'resourcetype'))
  if (type === undefined && method === 'MKCALENDAR') return
  const types = type?.children.map(({ name }) => name) ?? []
  const unknown = types.find((name) => name !== clark('d', 'collection') && name !== clark('cal', 'calendar'))
  if (unknown !== undefined) throw invalidResourceType(`Unknown resourceType: ${unknown}`)
  if (!types.includes(clark('cal', 'calendar'))) {
    throw invalidResourceType('You can only create calendars and subscriptions in this collection')
  }
}

function invalidResourceType(message: string): DavError {
  return new DavError(403, 'InvalidResourceType', message, { extraXml: '  <d:valid-resourcetype/>' })
}

/**
 * DELETE of a calendar: it goes to the trash bin for 30 days; one that is there already, or with the header
 * `X-NC-CalDAV-No-Trashbin: 1`, goes for good.
 */
export function deleteCalendar({ ctx, c, userId }: DavRequest, calendar: CalendarRow): Response {
  const nowSeconds = ctx.clock.nowSeconds()
  if (calendar.trashedSeconds !== null || c.req.header('x-nc-caldav-no-trashbin') === '1') {
    ctx.store.calendars.homeOf(userId, nowSeconds).delete(calendar.uri)
  } else {
    calendar.trashedSeconds = nowSeconds
  }
  return emptyAnswer(c, 204)
}
