import { childOf } from '../../../../../xml/xml.js'
import { respond } from '../../../responses.js'
import { optionsAnswer } from '../answers.js'
import {
  ALLOWED_METHODS,
  badRequest,
  DavError,
  davHeaders,
  forbidden,
  notFound,
  notImplemented,
} from '../dav-error.js'
import {
  multistatus,
  propertyRequest,
  resourceWith,
  type DavResource,
  type PropertyRequest,
} from '../multistatus.js'
import { clark, type Prefix } from '../names.js'
import { davHref, depthOf, xmlBody, type DavRequest } from '../request.js'
import type { DavRoot } from '../routes.js'
import { COMMON_REPORTS, currentUserPrincipal, principalResource, supportedReportSet } from './principal.js'
import { searchPrincipals, searchPropertySet } from './search.js'

const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, oc-resource-sharing, ' +
  'calendar-access, calendar-proxy, calendar-auto-schedule, calendar-availability, nc-calendar-trashbin, ' +
  'nc-calendar-webcal-cache, calendarserver-subscribed, oc-calendar-publishing, calendarserver-sharing, ' +
  'addressbook, nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

const PREFIXES: readonly Prefix[] = ['d', 's', 'cal', 'cs', 'card', 'oc', 'nc']

/** Who there is: `principals/users/<id>/`. */
export const principalsRoot: DavRoot = {
  name: 'principals',
  async handle(request) {
    const resource = findResource(request)
    if (request.method === 'OPTIONS') return optionsAnswer(request.c, FEATURES)
    if (request.method === 'REPORT') return report(request)
    if (request.method === 'PUT' || request.method === 'DELETE' || request.method === 'PROPPATCH') {
      throw forbidden('Permission denied')
    }
    if (request.method !== 'PROPFIND') throw notImplemented(request.method)
    const wanted = propertyRequest(await xmlBody(request))
    const resources = [resource, ...(depthOf(request, 1) === 0 ? [] : childrenOf(request))]
    return multistatus(request, resources, wanted, { prefixes: PREFIXES, features: FEATURES })
  },
}

function findResource({ ctx, userId, segments }: DavRequest): DavResource {
  const [, kind, id, ...below] = segments
  if (kind !== undefined && kind !== 'users') throw notFound(`File not found: ${kind} in 'principals'`)
  if (id === undefined) return collection(segments, userId)
  const user = ctx.store.users.get(id)
  if (user === undefined) throw notFound(`Principal with name ${id} not found`)
  if (below.length > 0) throw notFound(`Node with name ${below[0] ?? ''} was not found`)
  return principalResource(user, userId)
}

function childrenOf({ userId, segments }: DavRequest): readonly DavResource[] {
  if (segments.length === 1) return [collection(['principals', 'users'], userId)]
  if (segments.length > 2) return []
  throw new DavError(405, 'MethodNotAllowed', 'Listing members of this collection is disabled', {
    headers: { allow: ALLOWED_METHODS },
  })
}

function collection(path: readonly string[], userId: string): DavResource {
  const properties: Readonly<Record<string, string>> = {
    [clark('d', 'resourcetype')]: '<d:collection/>',
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    [clark('d', 'supported-report-set')]: supportedReportSet(COMMON_REPORTS),
  }
  return resourceWith(davHref(path, true), properties, [clark('d', 'resourcetype')])
}

async function report(request: DavRequest): Promise<Response> {
  const body = await xmlBody(request)
  if (body === undefined) throw badRequest('A REPORT needs a body')
  if (body.name === clark('d', 'principal-search-property-set')) {
    return respond(request.c, 200, searchPropertySet(), davHeaders('application/xml; charset=utf-8'))
  }
  if (body.name !== clark('d', 'principal-property-search')) {
    throw new DavError(415, 'ReportNotSupported', '', {
      extraXml: '  <d:supported-report/>',
    })
  }
  const names = childOf(body, clark('d', 'prop'))?.children.map(({ name }) => name) ?? []
  const wanted: PropertyRequest = { kind: 'some', names }
  const found = searchPrincipals(body, request.ctx.store.users.values())
  const resources = found.map((user) => principalResource(user, request.userId))
  return multistatus(request, resources, wanted, { prefixes: PREFIXES })
}
