import type { Engine } from './engine.js'

/** Bytes of the engine's frame header: stream, three zeros, length (big endian). */
const HEADER_BYTES = 8

/** The last lines of a container's output, both streams. Works on a stopped container too. */
export async function outputOf(engine: Engine, containerId: string, lines: number): Promise<string> {
  const frames = await engine
    .getContainer(containerId)
    .logs({ stdout: true, stderr: true, follow: false, tail: lines })
  let text = ''
  for (let at = 0; at + HEADER_BYTES <= frames.length;) {
    const end = at + HEADER_BYTES + frames.readUInt32BE(at + 4)
    text += frames.toString('utf8', at + HEADER_BYTES, end)
    at = end
  }
  return text
}
