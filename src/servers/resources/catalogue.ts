import { capabilitiesResource } from './capabilities.js'
import type { ServerMutant } from '../mutants.js'
import type { Mode } from '../server.js'
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

/** What `s-oauth-no-resources` does to the lists; reading goes on as usual. */
export function isResourceListEmpty(options: {
  readonly mode: Mode
  readonly mutants: ReadonlySet<ServerMutant>
}): boolean {
  return options.mode === 'oauth' && options.mutants.has('s-oauth-no-resources')
}
