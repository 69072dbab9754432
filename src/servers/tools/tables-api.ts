import * as z from 'zod'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudFailure } from '../nextcloud-errors.js'

const OCS_PATH = '/ocs/v2.php/apps/tables/api/2'
const V1_PATH = '/index.php/apps/tables/api/1'

export const tableSchema = z.looseObject({ id: z.int(), title: z.string() })
const columnSchema = z.looseObject({ id: z.int(), title: z.string(), type: z.string() })
export const schemeSchema = z.looseObject({ title: z.string(), columns: z.array(columnSchema) })
export const rowSchema = z.looseObject({
  id: z.int(),
  tableId: z.int(),
  data: z.array(z.looseObject({ columnId: z.int(), value: z.unknown() })),
})
export type Scheme = z.output<typeof schemeSchema>
export type Row = z.output<typeof rowSchema>

/** Values by column id. */
export type Cells = Readonly<Record<string, unknown>>

/** `GET …/api/2/tables` over OCS. */
export async function listTables(nextcloud: NextcloudClient): Promise<z.output<typeof tableSchema>[]> {
  const { json } = await nextcloud.requestJson({ path: `${OCS_PATH}/tables?format=json` })
  return parse(ocs(z.array(tableSchema)), json).ocs.data
}

/** `GET …/tables/{id}/scheme`: columns and views of a table. */
export async function readScheme(nextcloud: NextcloudClient, tableId: number): Promise<Scheme> {
  const { json } = await nextcloud.requestJson({ path: `${V1_PATH}/tables/${String(tableId)}/scheme` })
  return parse(schemeSchema, json)
}

/** `GET …/tables/{id}/rows`. */
export async function listRows(
  nextcloud: NextcloudClient,
  tableId: number,
  { limit, offset }: { readonly limit: number | null; readonly offset: number | null },
): Promise<Row[]> {
  const query = new URLSearchParams()
  if (limit !== null) query.set('limit', String(limit))
  if (offset !== null) query.set('offset', String(offset))
  const search = query.size === 0 ? '' : `?${query.toString()}`
  const { json } = await nextcloud.requestJson({ path: `${V1_PATH}/tables/${String(tableId)}/rows${search}` })
  return parse(z.array(rowSchema), json)
}

/** `POST …/api/2/tables/{id}/rows` over OCS. */
export async function insertRow(nextcloud: NextcloudClient, tableId: number, data: Cells): Promise<Row> {
  const path = `${OCS_PATH}/tables/${String(tableId)}/rows?format=json`
  const { json } = await nextcloud.requestJson({ method: 'POST', path, json: { data } })
  return parse(ocs(rowSchema), json).ocs.data
}

/** `GET …/rows/{id}`. */
export function readRow(nextcloud: NextcloudClient, rowId: number): Promise<Row> {
  return rowRequest(nextcloud, { method: 'GET', rowId })
}

/** `PUT …/rows/{id}` of the given cells only. */
export function updateRow(nextcloud: NextcloudClient, rowId: number, data: Cells): Promise<Row> {
  return rowRequest(nextcloud, { method: 'PUT', rowId, json: { data } })
}

/** `DELETE …/rows/{id}`. Returns the row as it was. */
export function deleteRow(nextcloud: NextcloudClient, rowId: number): Promise<Row> {
  return rowRequest(nextcloud, { method: 'DELETE', rowId })
}

async function rowRequest(
  nextcloud: NextcloudClient,
  { rowId, ...request }: { readonly method: string; readonly rowId: number; readonly json?: unknown },
): Promise<Row> {
  const { json } = await nextcloud.requestJson({ ...request, path: `${V1_PATH}/rows/${String(rowId)}` })
  return parse(rowSchema, json)
}

function ocs<Data extends z.ZodType>(data: Data) {
  return z.object({ ocs: z.object({ data }) })
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json)
  if (!parsed.success)
    throw new NextcloudFailure('Nextcloud gave an answer about tables that is not understood')
  return parsed.data
}
