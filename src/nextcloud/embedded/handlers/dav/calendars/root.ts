import type { CalendarObjectRow, CalendarRow } from '../../../calendars.js'
import { collectionPage, emptyAnswer, optionsAnswer } from '../answers.js'
import { ALLOWED_METHODS, conflict, DavError, forbidden, notFound, notImplemented } from '../dav-error.js'
import { multistatus, propertyRequest, type DavResource } from '../multistatus.js'
import { depthOf, xmlBody, type DavRequest } from '../request.js'
import type { DavRoot } from '../routes.js'
import { calendarNamed, calendarsOf, deleteCalendar, findCalendar, makeCalendar } from './homes.js'
import { destinationOf, getObject, objectNamed, putObject, removeObject, transferObject } from './objects.js'
import { changeProperties } from './properties.js'
import { report } from './reports.js'
import {
  calendarResource,
  collectionResource,
  FEATURES,
  objectResource,
  PROPFIND_STYLE,
  SPECIAL_COLLECTIONS,
} from './resources.js'

/** Calendars (CalDAV, RFC 4791): `calendars/<user>/<calendar>/<object>`. */
export const calendarsRoot: DavRoot = {
  name: 'calendars',
  async handle(request) {
    const { segments, userId, method } = request
    const [, owner, calendarUri, objectUri, ...below] = segments
    if (owner === undefined) return handleCollection(request, () => [])
    if (owner !== userId) throw othersHome(request, owner, segments.at(-1) ?? '')
    if (calendarUri === undefined) return handleHome(request)
    if (method === 'MKCALENDAR' || method === 'MKCOL') return makeCalendar(request, calendarUri)
    if (SPECIAL_COLLECTIONS.some((name) => name === calendarUri)) return handleSpecial(request, objectUri)
    if (objectUri === undefined) return handleCalendar(request, calendarUri)
    const calendar = calendarNamed(request, calendarUri)
    if (below.length > 0) throw belowObject(method, calendar, objectUri)
    if (method === 'PUT') return putObject(request, calendar, objectUri)
    return handleObject(request, calendar, objectNamed(calendar, objectUri))
  },
}

/** Whoever asks for another's calendars is told that there are none, whether there are or not. */
function othersHome({ ctx, segments }: DavRequest, owner: string, name: string): DavError {
  if (!ctx.store.users.has(owner)) return notFound(`Principal with name ${owner} not found`)
  return notFound(`${segments.length === 3 ? 'Calendar' : 'Node'} with name '${name}' could not be found`)
}

/** Methods that all collections answer alike. */
async function handleCollection(
  request: DavRequest,
  children: () => readonly DavResource[],
  own: DavResource = collectionResource(request.segments, request.userId),
): Promise<Response> {
  const { c, method, segments } = request
  switch (method) {
    case 'OPTIONS':
      return optionsAnswer(c, FEATURES)
    case 'GET':
    case 'HEAD':
      return collectionPage(c)
    case 'PROPFIND': {
      const wanted = propertyRequest(await xmlBody(request))
      const isDeep = depthOf(request, 1) > 0
      if (isDeep && segments.length === 1) throw notAllowed('Listing members of this collection is disabled')
      return multistatus(request, [own, ...(isDeep ? children() : [])], wanted, PROPFIND_STYLE)
    }
    case 'REPORT':
      return report(request)
    case 'PUT':
      throw conflict('PUT is not allowed on non-files.')
    case 'DELETE':
    case 'PROPPATCH':
    case 'MOVE':
    case 'COPY':
      throw forbidden('Permission denied')
    case 'MKCOL':
    case 'MKCALENDAR':
      throw notAllowed('The resource you tried to create already exists')
    default:
      throw notImplemented(method)
  }
}

function handleHome(request: DavRequest): Promise<Response> {
  const { userId, segments } = request
  return handleCollection(request, () => [
    ...calendarsOf(request).map((calendar) => calendarResource(userId, calendar)),
    ...SPECIAL_COLLECTIONS.map((name) => collectionResource([...segments, name], userId)),
  ])
}

/** The inbox, the outbox and the trash bin, which never have anything in them here. */
function handleSpecial(request: DavRequest, name: string | undefined): Promise<Response> {
  if (name !== undefined) throw notFound(`Node with name '${name}' could not be found`)
  return handleCollection(request, () => [])
}

async function handleCalendar(request: DavRequest, uri: string): Promise<Response> {
  const { method, userId } = request
  // A file in a home, or the body of a calendar: both are refused, with different words.
  if (method === 'PUT' && findCalendar(request, uri) === undefined) {
    throw notAllowed('Creating new files in this collection is not supported')
  }
  const calendar = calendarNamed(request, uri)
  switch (method) {
    case 'PROPPATCH':
      return changeProperties(request, calendar)
    case 'DELETE':
      return deleteCalendar(request, calendar)
    case 'REPORT':
      return report(request, calendar)
    case 'MOVE':
      return restoreCalendar(request, calendar)
    default:
      return handleCollection(
        request,
        () => Array.from(calendar.objects.values(), (object) => objectResource(userId, uri, object)),
        calendarResource(userId, calendar),
      )
  }
}

/** MOVE to `trashbin/restore` takes a calendar out of the trash bin; any other destination is refused. */
function restoreCalendar(request: DavRequest, calendar: CalendarRow): Response {
  const [, owner, bin, restore] = destinationOf(request)
  if (owner !== request.userId || bin !== 'trashbin' || restore !== 'restore') {
    throw notAllowed('Renaming calendars is not yet supported')
  }
  calendar.trashedSeconds = null
  return emptyAnswer(request.c, 201)
}

async function handleObject(
  request: DavRequest,
  calendar: CalendarRow,
  object: CalendarObjectRow,
): Promise<Response> {
  const { c, method, userId } = request
  switch (method) {
    case 'OPTIONS':
      return optionsAnswer(c, FEATURES)
    case 'GET':
    case 'HEAD':
      return getObject(request, object)
    case 'PROPFIND': {
      const wanted = propertyRequest(await xmlBody(request))
      return multistatus(request, [objectResource(userId, calendar.uri, object)], wanted, PROPFIND_STYLE)
    }
    case 'REPORT':
      return report(request, calendar, object)
    case 'DELETE':
      return removeObject(request, calendar, object.uri)
    case 'MOVE':
    case 'COPY':
      return transferObject(request, calendar, object)
    case 'PROPPATCH':
      throw forbidden('Permission denied')
    default:
      throw notImplemented(method)
  }
}

function belowObject(method: string, calendar: CalendarRow, objectUri: string): DavError {
  if (method !== 'PUT') return notFound('Calendar object not found')
  return calendar.objects.has(objectUri)
    ? conflict('Files can only be created as children of collections')
    : notFound('Calendar object not found')
}

function notAllowed(message: string): DavError {
  return new DavError(405, 'MethodNotAllowed', message, { headers: { allow: ALLOWED_METHODS } })
}
