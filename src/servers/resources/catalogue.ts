import { capabilitiesResource } from './capabilities.js'
import { deckBoardsResource, deckTemplates } from './deck.js'
import { noteAttachmentTemplate, notesSettingsResource, noteTemplate } from './notes.js'
import type { Resource, ResourceTemplate } from './resource.js'

export const resources: readonly Resource[] = [
  capabilitiesResource,
  notesSettingsResource,
  deckBoardsResource,
]
export const resourceTemplates: readonly ResourceTemplate[] = [
  noteTemplate,
  noteAttachmentTemplate,
  ...deckTemplates,
]
