import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

/** Every file below a folder with its text; archives in data URIs (Playwright's report) are opened too. */
export async function textsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const text = (await readFile(path)).toString('latin1')
    texts.set(path, text)
    for (const [, base64 = ''] of text.matchAll(/data:application\/zip;base64,([A-Za-z0-9+/=]+)/g)) {
      for (const [name, content] of unzip(Buffer.from(base64, 'base64')))
        texts.set(`${path}!${name}`, content)
    }
  }
  return texts
}

/** Entries of a zip archive, by its central directory. */
function* unzip(archive: Buffer): Generator<[string, string]> {
  const end = archive.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (end < 0) throw new Error('no zip archive')
  let at = archive.readUInt32LE(end + 16)
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const method = archive.readUInt16LE(at + 10)
    const size = archive.readUInt32LE(at + 20)
    const nameLength = archive.readUInt16LE(at + 28)
    const local = archive.readUInt32LE(at + 42)
    const name = archive.subarray(at + 46, at + 46 + nameLength).toString('utf8')
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    const data = archive.subarray(start, start + size)
    yield [name, (method === 0 ? data : inflateRawSync(data)).toString('latin1')]
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
}
