import { contentHash } from '../../conditional.js'
import { notesOf, usedBytes } from '../../notes-data.js'
import type { EmbeddedContext } from '../../../context.js'
import { notFound, notImplemented } from '../dav-error.js'
import { multistatus, propertyRequest, type DavResource } from '../multistatus.js'
import { clark } from '../names.js'
import { davHref, xmlBody } from '../request.js'
import type { DavRoot } from '../routes.js'

const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, ' +
  'nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

/** The users' files: so far only who a credential is, by PROPFIND on a user's root. */
export const filesRoot: DavRoot = {
  name: 'files',
  async handle(request) {
    if (request.method !== 'PROPFIND') throw notImplemented(request.method)
    const { ctx, userId, segments } = request
    const [, owner = '', ...below] = segments
    if (below.length > 0 || !ctx.store.users.has(owner)) throw notFound('File not found')
    const wanted = propertyRequest(await xmlBody(request))
    return multistatus(request, [homeFolder(ctx, owner, owner === userId)], wanted, {
      prefixes: ['d', 's', 'oc', 'nc'],
      features: FEATURES,
    })
  },
}

function homeFolder(ctx: EmbeddedContext, owner: string, isOwn: boolean): DavResource {
  const bytes = usedBytes(ctx, owner)
  const changedSeconds = notesOf(ctx, owner).at(-1)?.lastUpdateSeconds ?? ctx.clock.nowSeconds()
  const own = {
    [clark('d', 'getlastmodified')]: new Date(changedSeconds * 1000).toUTCString(),
    [clark('d', 'resourcetype')]: '<d:collection/>',
    [clark('d', 'quota-used-bytes')]: String(bytes),
    [clark('d', 'quota-available-bytes')]: '-3',
    [clark('d', 'getetag')]: `&quot;${contentHash([changedSeconds, bytes]).slice(0, 13)}&quot;`,
  }
  const properties: Readonly<Record<string, string>> = isOwn
    ? own
    : { [clark('d', 'resourcetype')]: '<d:collection/>' }
  return {
    href: davHref(['files', owner], true),
    property: (name) => properties[name],
    allProperties: Object.keys(properties),
  }
}
