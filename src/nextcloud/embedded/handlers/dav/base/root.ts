import { optionsAnswer } from '../answers.js'
import { ALLOWED_METHODS, notImplemented } from '../dav-error.js'
import { searchFiles } from '../files/search.js'
import { multistatus, propertyRequest, resourceWith, type DavResource } from '../multistatus.js'
import { clark } from '../names.js'
import { currentUserPrincipal } from '../principals/principal.js'
import { davHref, depthOf, xmlBody } from '../request.js'
import type { DavRoot } from '../routes.js'

const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, ' +
  'nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

const TREES = ['principals', 'files', 'calendars', 'addressbooks']

/** `/remote.php/dav/` itself: where clients learn who they are. */
export const baseRoot: DavRoot = {
  name: '',
  async handle(request) {
    if (request.method === 'OPTIONS') return optionsAnswer(request.c, FEATURES, `${ALLOWED_METHODS}, SEARCH`)
    if (request.method === 'SEARCH') return searchFiles(request)
    if (request.method !== 'PROPFIND') throw notImplemented(request.method)
    const wanted = propertyRequest(await xmlBody(request))
    const paths = [[], ...(depthOf(request, 1) === 0 ? [] : TREES.map((tree) => [tree]))]
    const resources = paths.map((path) => collection(path, request.userId))
    return multistatus(request, resources, wanted, { prefixes: ['d', 's', 'oc', 'nc'], features: FEATURES })
  },
}

function collection(path: readonly string[], userId: string): DavResource {
  const properties: Readonly<Record<string, string>> = {
    [clark('d', 'resourcetype')]: '<d:collection/>',
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
  }
  return resourceWith(davHref(path, true), properties, [clark('d', 'resourcetype')])
}
