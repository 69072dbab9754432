import * as z from 'zod'
import { NextcloudStatusError } from '../nextcloud-errors.js'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { filePathNames, pathNames } from './file-paths.js'
import { isText, mediaTypeOf } from './text-content.js'
import { defineTool, ToolError } from './tool.js'
import type { Tool, ToolContext } from './tool.js'
import { callPlain, listFolder, readFile, transfer, writeFile } from './webdav-api.js'
import { wordedAsUsual } from './wording.js'

const path = z.string().describe("Path from the user's home folder, e.g. Documents/plan.md")
const outcome = {
  success: z.boolean(),
  status_code: z.int().describe('HTTP status of Nextcloud'),
}

const listDirectory = defineTool({
  name: 'nc_webdav_list_directory',
  title: 'List folder',
  description: "Lists what is in a folder of the user's files; without a path in the home folder.",
  annotations: reading,
  input: z.strictObject({ path: path.default('') }),
  output: z.object({
    path: z.string(),
    files: z.array(
      z.object({
        name: z.string(),
        path: z.string().describe('Use it in other calls'),
        is_directory: z.boolean(),
        size: z.int().nullable().describe('Bytes; null for folders'),
        content_type: z.string().nullable(),
        last_modified: z.string().nullable().describe('HTTP date'),
        etag: z.string().nullable(),
      }),
    ),
    total_count: z.int(),
  }),
  async run({ path }, { nextcloud, mutants }) {
    const names = pathNames('nc_webdav_list_directory', 'path', path, mutants)
    const items = await wordedAsUsual(listFolder(nextcloud, names), shown(names))
    if (items === undefined) throw new ToolError(`Not a folder: ${shown(names)}`)
    return { path: names.join('/'), files: [...items], total_count: items.length }
  },
})

const read = defineTool({
  name: 'nc_webdav_read_file',
  title: 'Read file',
  description: 'Reads a file: text (also JSON, XML and the like) as it is, anything else as Base64.',
  annotations: reading,
  input: z.strictObject({ path }),
  output: z.object({
    path: z.string(),
    content: z.string(),
    content_type: z.string(),
    size: z.int().describe('Bytes'),
    encoding: z.literal('base64').optional().describe('Absent when content is the text itself'),
  }),
  async run({ path }, { nextcloud, mutants }) {
    const names = filePathNames('nc_webdav_read_file', 'path', path, mutants)
    const file = await wordedAsUsual(readFile(nextcloud, names), shown(names))
    if (file === undefined) throw new ToolError(`Not a file: ${shown(names)}`)
    const { headers, body } = file
    const contentType = mediaTypeOf(headers.get('Content-Type'))
    const common = { path: names.join('/'), content_type: contentType, size: body.length }
    return isText(contentType, body) || mutants.has('s-binary-mangled')
      ? { ...common, content: body.toString('utf8') }
      : { ...common, content: body.toString('base64'), encoding: 'base64' as const }
  },
})

const write = defineTool({
  name: 'nc_webdav_write_file',
  title: 'Write file',
  description:
    'Makes a file or replaces its content. For bytes, send them as Base64 and add ;base64 to content_type.',
  annotations: overwriting,
  input: z.strictObject({
    path,
    content: z.string(),
    content_type: z.string().nullable().default(null).describe('e.g. text/plain or image/png;base64'),
  }),
  output: z.object(outcome),
  async run({ path, content, content_type: type }, { nextcloud, mutants }) {
    const names = filePathNames('nc_webdav_write_file', 'path', path, mutants)
    const isBase64 = /base64/i.test(type ?? '')
    const bytes = isBase64 ? decoded(content) : Buffer.from(content)
    const plainType = (type ?? '').replace(/\s*;?\s*base64\s*/i, '')
    const written = writeFile(nextcloud, names, bytes, headerSafe(plainType))
    return succeeded(await wordedAsUsual(written, shown(names), MISSING_FOLDER))
  },
})

const createDirectory = defineTool({
  name: 'nc_webdav_create_directory',
  title: 'Create folder',
  description: 'Makes a folder; the folder above must be there. One that is there already is left as it is.',
  annotations: { ...writing, idempotentHint: true },
  input: z.strictObject({ path }),
  output: z.object({ ...outcome, message: z.string().optional() }),
  async run({ path }, { nextcloud, mutants }) {
    const names = filePathNames('nc_webdav_create_directory', 'path', path, mutants)
    const made = callPlain(nextcloud, 'MKCOL', names).then(succeeded, async (error: unknown) => {
      if (!(error instanceof NextcloudStatusError) || error.status !== 405) throw error
      if ((await listFolder(nextcloud, names)) === undefined) {
        throw new ToolError(`Conflict: ${shown(names)} is a file (HTTP 405)`)
      }
      return { success: true, status_code: 405, message: 'Directory already exists' }
    })
    return wordedAsUsual(made, shown(names), MISSING_FOLDER)
  },
})

const remove = defineTool({
  name: 'nc_webdav_delete_resource',
  title: 'Delete file or folder',
  description: 'Deletes a file, or a folder with all in it.',
  annotations: deleting,
  input: z.strictObject({ path }),
  output: z.object(outcome),
  async run({ path }, { nextcloud, mutants }) {
    const names = filePathNames('nc_webdav_delete_resource', 'path', path, mutants)
    return succeeded(await wordedAsUsual(callPlain(nextcloud, 'DELETE', names), shown(names)))
  },
})

const transferInput = z.strictObject({
  source_path: path,
  destination_path: path,
  overwrite: z.boolean().default(false).describe('Replace what is at the destination'),
})

const move = defineTool({
  name: 'nc_webdav_move_resource',
  title: 'Move file or folder',
  description: 'Gives a file or folder another place or name.',
  annotations: overwriting,
  input: transferInput,
  output: z.object(outcome),
  run: (input, context) => transferred('nc_webdav_move_resource', 'MOVE', input, context),
})

const copy = defineTool({
  name: 'nc_webdav_copy_resource',
  title: 'Copy file or folder',
  description: 'Copies a file, or a folder with all in it.',
  annotations: overwriting,
  input: transferInput,
  output: z.object(outcome),
  run: (input, context) => transferred('nc_webdav_copy_resource', 'COPY', input, context),
})

/** The tools for the user's files. */
export const webdavTools: readonly Tool[] = [listDirectory, read, write, createDirectory, remove, move, copy]

const MISSING_FOLDER = {
  404: 'Not found: the folder above is not there (HTTP 404)',
  409: 'Conflict: the folder above is not there, or something else is in the way (HTTP 409)',
}

async function transferred(
  tool: string,
  method: 'MOVE' | 'COPY',
  { source_path, destination_path, overwrite }: z.output<typeof transferInput>,
  { nextcloud, mutants }: ToolContext,
): Promise<z.input<z.ZodObject<typeof outcome>>> {
  const source = filePathNames(tool, 'source_path', source_path, mutants)
  const destination = filePathNames(tool, 'destination_path', destination_path, mutants)
  const answer = transfer(nextcloud, method, source, destination, overwrite)
  return succeeded(
    await wordedAsUsual(answer, `${shown(source)} to ${shown(destination)}`, {
      404: `Not found: ${shown(source)} (HTTP 404)`,
      409: `Conflict: the folder of ${shown(destination)} is not there, or lies in ${shown(source)} (HTTP 409)`,
      412: `Destination already exists and overwrite is false: ${shown(destination)} (HTTP 412)`,
    }),
  )
}

function succeeded({ status }: { readonly status: number }): z.input<z.ZodObject<typeof outcome>> {
  return { success: true, status_code: status }
}

/** A path in messages. */
function shown(names: readonly string[]): string {
  return names.length === 0 ? '/' : names.join('/')
}

function decoded(content: string): Buffer {
  const compact = content.replace(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(compact)) {
    throw new ToolError('Invalid arguments for nc_webdav_write_file: content: is no valid Base64')
  }
  return Buffer.from(compact, 'base64')
}

/** A media type as given, or the type of bytes of which nothing is known. */
function headerSafe(type: string): string {
  if (type === '') return 'application/octet-stream'
  if (/^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/.test(type)) return type
  throw new ToolError('Invalid arguments for nc_webdav_write_file: content_type: is no media type')
}
