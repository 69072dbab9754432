import type { ToolAnnotations } from './tool.js'

/** Changes nothing. */
export const reading: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

/** Adds something; a second call adds it again. */
export const writing: ToolAnnotations = { ...reading, readOnlyHint: false, idempotentHint: false }

/** Replaces what was there. */
export const overwriting: ToolAnnotations = { ...writing, destructiveHint: true }

/** Removes something; a second call finds nothing to remove. */
export const deleting: ToolAnnotations = { ...writing, destructiveHint: true, idempotentHint: true }
