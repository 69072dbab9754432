import { isFileName } from '../tools/file-paths.js'
import { readAttachment, readNote, readNotesSettings } from '../tools/notes-api.js'
import { mediaTypeOf } from '../tools/text-content.js'
import { FileContent, type Resource, type ResourceTemplate } from './resource.js'

export const notesSettingsResource: Resource = {
  uri: 'notes://settings',
  name: 'notes_get_settings',
  title: 'Notes settings',
  description: "The user's settings of the Notes app.",
  mimeType: 'application/json',
  scope: 'notes.read',
  read: readNotesSettings,
}

export const noteTemplate: ResourceTemplate = {
  uriTemplate: 'nc://Notes/{note_id}',
  name: 'nc_get_note_resource',
  title: 'Note',
  description: 'A note with its content.',
  mimeType: 'application/json',
  scope: 'notes.read',
  read(uri, nextcloud) {
    const id = /^nc:\/\/Notes\/(\d{1,15})$/.exec(uri)?.[1]
    return id === undefined ? undefined : readNote(nextcloud, Number(id))
  },
}

export const noteAttachmentTemplate: ResourceTemplate = {
  uriTemplate: 'nc://Notes/{note_id}/attachments/{attachment_filename}',
  name: 'nc_notes_get_attachment_resource',
  title: 'Attachment of a note',
  description: 'A file attached to a note.',
  scope: 'notes.read',
  read(uri, nextcloud) {
    const [, id, encodedName = ''] = /^nc:\/\/Notes\/(\d{1,15})\/attachments\/([^/?#]+)$/.exec(uri) ?? []
    const name = decodedName(encodedName)
    if (id === undefined || name === undefined || !isFileName(name)) return undefined
    return readNote(nextcloud, Number(id))
      .then((note) => readAttachment(nextcloud, note, name))
      .then(({ mimeType, body }) => new FileContent(mediaTypeOf(mimeType), body))
  },
}

function decodedName(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
