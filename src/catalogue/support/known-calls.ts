import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { sharedCalendars } from './nextcloud-calendars.js'
import { sharedFiles } from './nextcloud-files.js'
import { sharedNotes } from './nextcloud-notes.js'
import { sharedTables } from './nextcloud-tables.js'
import { etagOf, newMarker, noteIdOf } from './notes-tools.js'
import type { ToolPurpose } from './tool-names.js'
import type { ToolTour } from './tool-tour.js'

/**
 * Calls every tool that the server lists among those that we know, with fitting arguments and on things of the check's
 * own, which are gone afterwards. What Nextcloud itself has nothing for (an app that is missing) is left out with the
 * reason.
 */
export async function callKnownTools(ctx: CheckContext, tour: ToolTour): Promise<void> {
  await callNotesTools(ctx, tour)
  await callFileTools(ctx, tour)
  await callTableTools(ctx, tour)
  await callCalendarTools(ctx, tour)
}

async function callNotesTools(ctx: CheckContext, tour: ToolTour): Promise<void> {
  const notes = sharedNotes(ctx, 'alice')
  const files = sharedFiles(ctx, 'alice')
  const title = newMarker()
  const folders: string[] = []
  try {
    // Without a category, so that attachments are where every server looks for them.
    const created = await tour.call('createNote', { title, content: 'text', category: '' })
    const noteId = created === undefined ? undefined : noteIdOf(created)
    if (created === undefined || noteId === undefined) return
    const read = await tour.call('getNote', { note_id: noteId })
    await tour.call('updateNote', {
      note_id: noteId,
      etag: etagOf(read ?? created),
      title: null,
      content: 'other text',
      category: null,
    })
    await tour.call('appendToNote', { note_id: noteId, content: 'more' })
    await tour.call('searchNotes', { query: title })
    await withMeans(tour, ['getNoteAttachment'], async () => {
      const folder = `Notes/.attachments.${noteId}`
      await files.makeFolder(folder)
      folders.push(folder)
      await files.write(`${folder}/attached.txt`, 'text')
      await tour.call('getNoteAttachment', { note_id: noteId, attachment_filename: 'attached.txt' })
    })
    await tour.call('deleteNote', { note_id: noteId })
  } finally {
    await notes.remove(...(await notes.idsByTitle(title)))
    await files.remove(...folders)
  }
}

async function callFileTools(ctx: CheckContext, tour: ToolTour): Promise<void> {
  const folder = newMarker()
  const files = sharedFiles(ctx, 'alice')
  const purposes = ['listDirectory', 'readFile', 'copyResource', 'moveResource', 'deleteResource'] as const
  await withMeans(tour, purposes, async () => {
    try {
      await tour.call('createDirectory', { path: folder })
      if (!tour.has('createDirectory')) await files.makeFolder(folder)
      await tour.call('writeFile', { path: `${folder}/a.txt`, content: 'text', content_type: 'text/plain' })
      if (!tour.has('writeFile')) await files.write(`${folder}/a.txt`, 'text')
      await files.write(`${folder}/b.bin`, Buffer.from([0, 255, 1, 254]), 'application/octet-stream')
      await tour.call('listDirectory', { path: folder })
      await tour.call('readFile', { path: `${folder}/a.txt` })
      await tour.call('readFile', { path: `${folder}/b.bin` })
      const paths = { source_path: `${folder}/a.txt`, destination_path: `${folder}/c.txt` }
      await tour.call('copyResource', paths)
      await tour.call('moveResource', { ...paths, destination_path: `${folder}/d.txt` })
      await tour.call('deleteResource', { path: folder })
    } finally {
      await files.remove(folder)
    }
  })
}

async function callTableTools(ctx: CheckContext, tour: ToolTour): Promise<void> {
  const tables = sharedTables(ctx, 'alice')
  const purposes = [
    'listTables',
    'getTableSchema',
    'readTable',
    'insertRow',
    'updateRow',
    'deleteRow',
  ] as const
  if (!purposes.some((purpose) => tour.has(purpose))) return
  await withMeans(tour, purposes, async () => {
    const table = await tables.create(newMarker())
    try {
      const cells = (value: string) => ({ [String(table.text.id)]: value })
      await tour.call('listTables')
      await tour.call('getTableSchema', { table_id: table.id })
      await tour.call('insertRow', { table_id: table.id, data: cells('one') })
      const rowId = await tables.insert(table.id, cells('two'))
      await tour.call('readTable', { table_id: table.id, limit: 10, offset: 0 })
      await tour.call('updateRow', { row_id: rowId, data: cells('three') })
      await tour.call('deleteRow', { row_id: rowId })
    } finally {
      await tables.remove(table.id)
    }
  })
}

async function callCalendarTools(ctx: CheckContext, tour: ToolTour): Promise<void> {
  const calendars = sharedCalendars(ctx, 'alice')
  const purposes = ['createEvent', 'listEvents', 'getEvent', 'updateEvent', 'deleteEvent'] as const
  await tour.call('listCalendars')
  await tour.call('manageCalendar', { action: 'list' })
  if (!purposes.some((purpose) => tour.has(purpose))) return
  await withMeans(tour, purposes, async () => {
    const name = newMarker()
    await calendars.create(name)
    try {
      const created = await tour.call('createEvent', {
        calendar_name: name,
        title: newMarker(),
        start_datetime: '2030-01-15T10:00:00Z',
        end_datetime: '2030-01-15T11:00:00Z',
      })
      const uid = created?.data['uid']
      if (typeof uid !== 'string') return
      const event = { calendar_name: name, event_uid: uid }
      await tour.call('listEvents', { calendar_name: name, start_date: '2030-01-15', end_date: '2030-01-15' })
      await tour.call('getEvent', event)
      await tour.call('updateEvent', { ...event, title: newMarker() })
      await tour.call('deleteEvent', event)
    } finally {
      await calendars.remove(name)
    }
  })
}

/** Leaves tools out when what they are to be called with cannot be made on Nextcloud. */
async function withMeans(
  tour: ToolTour,
  purposes: readonly ToolPurpose[],
  call: () => Promise<void>,
): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof NotTestableError)) throw error
    tour.leaveOut(purposes, error.message)
  }
}
