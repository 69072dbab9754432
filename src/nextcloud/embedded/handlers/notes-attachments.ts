import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { fileTreeOf } from '../file-tree.js'
import { mediaTypeOf } from '../media-types.js'
import { BASE_HEADERS, respond } from '../responses.js'
import { refuseLargeBody } from '../uploads.js'
import { notesFolderOf, type Note } from './notes-folder.js'

/**
 * The file that a note names by its relative `path` parameter, such as `.attachments.7/picture.png`; `undefined` when
 * there is none within the notes folder.
 */
export function readAttachment(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  note: Note,
): Response | undefined {
  const userId = c.get('session').userId ?? ''
  const names = note.category.split('/')
  for (const name of (c.req.query('path') ?? '').replaceAll('\\', '/').split('/')) {
    if (name === '..') names.pop()
    else names.push(name)
  }
  let node = notesFolderOf(ctx, userId) as ReturnType<ReturnType<typeof fileTreeOf>['at']>
  for (const name of names) {
    if (name !== '') node = node?.kind === 'folder' ? node.children.get(name) : undefined
  }
  if (node?.kind !== 'file') return undefined
  return respond(c, 200, node.content, {
    ...BASE_HEADERS,
    'content-type': mediaTypeOf(node.name),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(node.name)}`,
    'cache-control': 'private, max-age=3600, must-revalidate',
    vary: 'Authorization, Cookie',
  })
}

/**
 * Keeps an uploaded file (form field `file`) beside the note, under a name of its own, which is returned; `undefined`
 * when nothing was uploaded.
 *
 * @throws {PayloadTooLargeError}
 */
export async function addAttachment(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  { file }: Note,
): Promise<string | undefined> {
  refuseLargeBody(ctx, c)
  const form = await c.req.formData().catch(() => undefined)
  const upload = form?.get('file')
  if (!(upload instanceof File) || file.parent === null) return undefined
  const suffix = /\.[A-Za-z0-9]{1,16}$/.exec(upload.name)?.[0] ?? ''
  const name = randomBytes(16).toString('hex') + suffix
  const content = Buffer.from(await upload.arrayBuffer())
  const tree = fileTreeOf(ctx, c.get('session').userId ?? '')
  tree.write(file.parent, name, content, ctx.clock.nowSeconds())
  return name
}
