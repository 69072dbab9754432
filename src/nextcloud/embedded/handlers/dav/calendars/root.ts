import { notFound, notImplemented } from '../dav-error.js'
import { multistatus, propertyRequest } from '../multistatus.js'
import { clark } from '../names.js'
import { davHref, xmlBody } from '../request.js'
import type { DavRoot } from '../routes.js'

const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, oc-resource-sharing, ' +
  'calendar-access, calendar-proxy, calendar-auto-schedule, calendar-availability, nc-calendar-trashbin, ' +
  'nc-calendar-webcal-cache, calendarserver-subscribed, oc-calendar-publishing, calendarserver-sharing, ' +
  'nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

/** The users' calendars: so far only the home, which is empty. */
export const calendarsRoot: DavRoot = {
  name: 'calendars',
  async handle(request) {
    if (request.method !== 'PROPFIND') throw notImplemented(request.method)
    const [, owner = '', ...below] = request.segments
    if (below.length > 0 || !request.ctx.store.users.has(owner)) throw notFound('File not found')
    const resourceType = clark('d', 'resourcetype')
    const home = {
      href: davHref(['calendars', owner], true),
      property: (name: string) => (name === resourceType ? '<d:collection/>' : undefined),
      allProperties: [resourceType],
    }
    return multistatus(request, [home], propertyRequest(await xmlBody(request)), {
      prefixes: ['d', 's', 'cal', 'cs', 'oc', 'nc'],
      features: FEATURES,
    })
  },
}
