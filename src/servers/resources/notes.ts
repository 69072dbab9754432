import { readNote, readNotesSettings } from '../tools/notes-api.js'
import type { Resource, ResourceTemplate } from './resource.js'

export const notesSettingsResource: Resource = {
  uri: 'notes://settings',
  name: 'notes_get_settings',
  title: 'Notes settings',
  description: "The user's settings of the Notes app.",
  mimeType: 'application/json',
  read: readNotesSettings,
}

export const noteTemplate: ResourceTemplate = {
  uriTemplate: 'nc://Notes/{note_id}',
  name: 'nc_get_note_resource',
  title: 'Note',
  description: 'A note with its content.',
  mimeType: 'application/json',
  read(uri, nextcloud) {
    const id = /^nc:\/\/Notes\/(\d{1,15})$/.exec(uri)?.[1]
    return id === undefined ? undefined : readNote(nextcloud, Number(id))
  },
}
