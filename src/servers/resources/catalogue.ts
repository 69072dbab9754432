import { capabilitiesResource } from './capabilities.js'
import type { ServerMutant } from '../mutants.js'
import type { AreaScope } from '../scopes.js'
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

/** What a token needs for the resource; `undefined` when any will do, also for a URI that leads to none. */
export function scopeOfResource(uri: string): AreaScope | undefined {
  const fixed = resources.find((resource) => resource.uri === uri)
  return fixed === undefined
    ? resourceTemplates.find(({ uriTemplate }) => uri.startsWith(fixedPartOf(uriTemplate)))?.scope
    : fixed.scope
}

function fixedPartOf(uriTemplate: string): string {
  return uriTemplate.slice(0, uriTemplate.indexOf('{'))
}

/** What `s-oauth-no-resources` does to the lists; reading goes on as usual. */
export function isResourceListEmpty(options: {
  readonly mode: Mode
  readonly mutants: ReadonlySet<ServerMutant>
}): boolean {
  return options.mode === 'oauth' && options.mutants.has('s-oauth-no-resources')
}
