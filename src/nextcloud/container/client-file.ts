import { createReadStream, existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { posix } from 'node:path'
import type { LoopbackContainer } from './loopback-container.js'
import { statusOf, type Engine } from './engine.js'

const BLOCK_BYTES = 512
const OWNER_ONLY = 0o600

/**
 * The file in which a server keeps its OAuth client: it outlives the server's container beside its place on this host,
 * as a tar archive, which holds owner and mode for the next container.
 */
export interface ClientFile {
  /** In the container. */
  readonly insidePath: string
  /** On this host, in a folder of ours. */
  readonly path: string
}

/** Puts what an earlier container left into a new one, before it starts. */
export function bringClientFile({ path, insidePath }: ClientFile, container: LoopbackContainer): void {
  if (!existsSync(archiveOf(path))) return
  container.withCopyArchivesToContainer([
    { tar: createReadStream(archiveOf(path)), target: posix.dirname(insidePath) },
  ])
}

/** Copies the file out of a container, running or ended; nothing when there is none. */
export async function takeClientFile(engine: Engine, id: string, file: ClientFile): Promise<void> {
  let archive: Buffer
  try {
    archive = await buffer(await engine.getContainer(id).getArchive({ path: file.insidePath }))
  } catch (error) {
    if (statusOf(error) === 404) return
    throw error
  }
  await writeFile(archiveOf(file.path), archive, { mode: OWNER_ONLY })
  const content = firstFileOf(archive)
  if (content !== undefined) await writeFile(file.path, content, { mode: OWNER_ONLY })
}

function archiveOf(path: string): string {
  return `${path}.tar`
}

/** Content of the first regular file in a tar archive (ustar: size in octal at 124, type at 156). */
function firstFileOf(archive: Buffer): Buffer | undefined {
  for (let at = 0; at + BLOCK_BYTES <= archive.length;) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8)
    if (!Number.isFinite(size)) return undefined
    const type = String.fromCharCode(archive[at + 156] ?? 0)
    const start = at + BLOCK_BYTES
    if (type === '0' || type === '\0') return archive.subarray(start, start + size)
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
  }
  return undefined
}
