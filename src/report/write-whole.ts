import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Writes a file as a whole or not at all; an existing one is replaced.
 *
 * @param mode permissions from the first byte. Default 0644.
 * @throws as the file system does.
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, content, { mode })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
