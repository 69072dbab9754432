import { childOf, childrenOf, type XmlElement } from '../../../../../xml/xml.js'
import { StepBudget } from '../../../../../icalendar/recurrence.js'
import type { CalendarObjectRow, CalendarRow } from '../../../calendars.js'
import { badRequest, DavError, forbidden } from '../dav-error.js'
import { multistatus, type DavResource, type MissingResource, type PropertyRequest } from '../multistatus.js'
import { clark } from '../names.js'
import { davHref, depthOf, sentSegments, xmlBody, type DavRequest } from '../request.js'
import { expanded } from './expansion.js'
import { findCalendar } from './homes.js'
import { passes, readFilter, readTimeRange, type TimeRange } from './query-filter.js'
import { calendarHref, objectHref, objectResource, REPORT_STYLE, syncTokenUri } from './resources.js'
import { ObjectTimes } from './time-range.js'

/** What all rules of one request together may cost: about half a second. */
const STEPS_PER_REQUEST = 200_000
const MAX_HREFS = 10_000

/** What of an object a report is to show. */
interface Wanted {
  readonly properties: PropertyRequest
  readonly expand: TimeRange | undefined
  readonly isJson: boolean
  readonly budget: StepBudget
}

/**
 * REPORT on a collection, a calendar, or an object in it.
 *
 * @throws {DavError} 415 for reports that are not for this resource, such as free-busy-query.
 */
export async function report(
  request: DavRequest,
  calendar?: CalendarRow,
  object?: CalendarObjectRow,
): Promise<Response> {
  const body = await xmlBody(request)
  if (body === undefined) throw badRequest('A REPORT needs a body')
  switch (body.name) {
    case clark('cal', 'calendar-query'):
      return query(request, body, calendar, object)
    case clark('cal', 'calendar-multiget'):
      return multiget(request, body)
    case clark('d', 'sync-collection'):
      if (calendar !== undefined && object === undefined) return syncCollection(request, body, calendar)
  }
  throw new DavError(415, 'ReportNotSupported', '', { extraXml: '  <d:supported-report/>' })
}

function query(
  request: DavRequest,
  body: XmlElement,
  calendar: CalendarRow | undefined,
  object: CalendarObjectRow | undefined,
): Response {
  const wanted = wantedOf(body)
  const filter = readFilter(childOf(body, clark('cal', 'filter')))
  const depth = depthOf(request, 0)
  if (calendar !== undefined && object === undefined && depth === 0) {
    throw badRequest('A calendar-query REPORT on a calendar with a Depth: 0 is undefined. Set Depth to 1')
  }
  const candidates =
    object !== undefined ? [object] : depth === 1 ? Array.from(calendar?.objects.values() ?? []) : []
  const found = candidates.filter((each) =>
    passes(each.calendar, filter, new ObjectTimes(each, wanted.budget)),
  )
  const resources = found.map((each) => shown(request, calendar?.uri ?? '', each, wanted))
  return answer(request, resources, wanted)
}

function multiget(request: DavRequest, body: XmlElement): Response {
  const wanted = wantedOf(body)
  const hrefs = childrenOf(body, clark('d', 'href'))
  if (hrefs.length > MAX_HREFS) throw forbidden('Too many hrefs')
  const resources = hrefs.map(({ text }) => {
    const segments = sentSegments(request, text.trim())
    return ownObject(request, segments, wanted) ?? { href: davHref(segments, false), status: 404 as const }
  })
  return answer(request, resources, wanted)
}

function ownObject(
  request: DavRequest,
  segments: readonly string[],
  wanted: Wanted,
): DavResource | undefined {
  const [tree, owner, calendarUri, uri] = segments
  if (tree !== 'calendars' || owner !== request.userId || segments.length !== 4) return undefined
  if (calendarUri === undefined || uri === undefined) return undefined
  const object = findCalendar(request, calendarUri)?.objects.get(uri)
  return object === undefined ? undefined : shown(request, calendarUri, object, wanted)
}

/** RFC 6578: what has changed in the calendar since a token; without one, everything. */
function syncCollection(request: DavRequest, body: XmlElement, calendar: CalendarRow): Response {
  const since = sinceToken(body, calendar)
  const wanted = wantedOf(body)
  const isInitial = since === undefined
  const changed = Array.from(calendar.objects.values())
    .filter(({ changedAt }) => isInitial || changedAt > since)
    .map((object) => ({ at: object.changedAt, resource: shown(request, calendar.uri, object, wanted) }))
  const deleted = Array.from(calendar.deletedAt)
    .filter(([, deletedAt]) => !isInitial && deletedAt > since)
    .map(([uri, at]) => ({
      at,
      resource: { href: objectHref(request.userId, calendar.uri, uri), status: 404 as const },
    }))
  const changes = [...changed, ...deleted].sort((a, b) => a.at - b.at)
  const answered = changes.slice(0, limitOf(body))
  const isCut = answered.length < changes.length
  const token = isCut ? (answered.at(-1)?.at ?? since ?? 0) : calendar.syncToken
  const rest: MissingResource[] = isCut
    ? [{ href: calendarHref(request.userId, calendar.uri), status: 507 }]
    : []
  return answer(
    request,
    [...answered.map(({ resource }) => resource), ...rest],
    wanted,
    `<d:sync-token>${syncTokenUri(token)}</d:sync-token>`,
  )
}

/** @throws {DavError} 403 for a token that this calendar never gave. */
function sinceToken(body: XmlElement, calendar: CalendarRow): number | undefined {
  const text = childOf(body, clark('d', 'sync-token'))?.text.trim() ?? ''
  if (text === '') return undefined
  const digits = text.startsWith(syncTokenUri(0).slice(0, -1)) ? text.slice(syncTokenUri(0).length - 1) : ''
  const token = /^\d{1,15}$/.test(digits) ? Number(digits) : Infinity
  if (token <= calendar.syncToken) return token
  throw new DavError(403, 'InvalidSyncToken', 'Invalid or unknown sync token', {
    extraXml: '  <d:valid-sync-token/>',
  })
}

/** A limit; one that is no number limits nothing. */
function limitOf(body: XmlElement): number | undefined {
  const text = childOf(childOf(body, clark('d', 'limit')), clark('d', 'nresults'))?.text.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function wantedOf(body: XmlElement): Wanted {
  const prop = childOf(body, clark('d', 'prop'))
  const properties: PropertyRequest =
    prop === undefined
      ? { kind: 'all', include: [] }
      : { kind: 'some', names: prop.children.map(({ name }) => name) }
  const data = childOf(prop, clark('cal', 'calendar-data'))
  const expand = childOf(data, clark('cal', 'expand'))
  if (
    expand !== undefined &&
    (expand.attributes['start'] === undefined || expand.attributes['end'] === undefined)
  ) {
    throw badRequest('The "start" and "end" attributes are required for the CALDAV:expand element')
  }
  return {
    properties,
    expand: readTimeRange(expand),
    isJson: data?.attributes['content-type'] === 'application/calendar+json',
    budget: new StepBudget(STEPS_PER_REQUEST),
  }
}

function shown(
  { userId }: DavRequest,
  calendarUri: string,
  object: CalendarObjectRow,
  wanted: Wanted,
): DavResource {
  const { expand, isJson, budget } = wanted
  if (isJson) return objectResource(userId, calendarUri, object, () => JSON.stringify(object.calendar.jCal))
  if (expand === undefined) return objectResource(userId, calendarUri, object)
  return objectResource(userId, calendarUri, object, () => expanded(object, expand, budget))
}

/** @throws {DavError} 403 when the rules of the objects cost more than a request may. */
function answer(
  request: DavRequest,
  resources: readonly (DavResource | MissingResource)[],
  { properties, budget }: Wanted,
  trailer?: string,
): Response {
  const response = multistatus(request, resources, properties, {
    ...REPORT_STYLE,
    ...(trailer === undefined ? {} : { trailer }),
  })
  if (!budget.isSpent) return response
  throw new DavError(403, 'Forbidden', 'The recurrence rules in this calendar cost too much', {
    extraXml: '  <d:number-of-matches-within-limits/>',
  })
}
