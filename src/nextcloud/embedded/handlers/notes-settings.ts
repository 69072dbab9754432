import type { EmbeddedContext } from '../context.js'

/** A user's settings of the Notes app, as the API shows them. */
export interface NotesSettings {
  /** Folder of the notes in the user's files; slashes separate. */
  readonly notesPath: string
  /** Suffix of new notes' files. */
  readonly fileSuffix: string
  readonly noteMode: string
}

const DEFAULT_SETTINGS: NotesSettings = { notesPath: 'Notes', fileSuffix: '.md', noteMode: 'rich' }

/** Names of the settings. */
export const SETTING_NAMES = Object.keys(DEFAULT_SETTINGS) as readonly (keyof NotesSettings)[]

export function notesSettings(ctx: EmbeddedContext, userId: string): NotesSettings {
  const stored = ctx.store.appConfig.get(settingsKey(userId))
  return stored === undefined
    ? DEFAULT_SETTINGS
    : { ...DEFAULT_SETTINGS, ...(JSON.parse(stored) as Partial<NotesSettings>) }
}

export function changeNotesSettings(
  ctx: EmbeddedContext,
  userId: string,
  changes: Partial<NotesSettings>,
): void {
  const settings = { ...notesSettings(ctx, userId), ...changes }
  ctx.store.appConfig.set(settingsKey(userId), JSON.stringify(settings))
}

function settingsKey(userId: string): string {
  return `notes/settings/${userId}`
}
