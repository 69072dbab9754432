import { defineCheck, judge } from '../check.js'
import { bytesRead, FILE_PURPOSES, FileTools } from '../support/file-tools.js'
import { Findings } from '../support/findings.js'
import { listItems } from '../support/list-answer.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedFiles, type NextcloudFiles } from '../support/nextcloud-files.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const TEXT = 'first line\nzweite Zeile: ü, 漢, 👍\n'
const BYTES = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))

interface Subject {
  readonly tools: FileTools
  readonly files: NextcloudFiles
  readonly findings: Findings
  /** Folder of this run of the check. */
  readonly folder: string
}

/** The life of a folder with a text and a binary file, each step compared with what Nextcloud itself has. */
export const webdavRoundTrip = defineCheck({
  id: 'tools.webdav.round-trip',
  suite: 'tools',
  title: 'Files are written, listed, read, moved, copied and deleted as asked, byte for byte',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a tool does what it says and nothing else' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-binary-mangled' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, FILE_PURPOSES)
    if (lacking !== undefined) return lacking
    const files = sharedFiles(ctx, 'alice')
    const subject = { tools: new FileTools(session), files, findings: new Findings(), folder: newMarker() }
    try {
      await makeFolder(subject)
      await writeBoth(subject)
      await readBoth(subject)
      await listAll(subject)
      await copyAndMove(subject)
      await overwrite(subject)
      await removeAll(subject)
    } finally {
      await files.remove(subject.folder)
    }
    return judge(subject.findings.list(), 'make, write, read, list, copy, move, overwrite, delete')
  },
})

async function makeFolder({ tools, files, findings, folder }: Subject): Promise<void> {
  const answer = await tools.makeFolder(folder)
  if (answer.kind === 'result' && (await files.kindOf(folder)) === 'folder') return
  findings.add({
    id: 'folder-not-made',
    message: 'a folder is not made',
    expected: 'the folder on Nextcloud',
    observed: describeToolAnswer(answer),
  })
  if ((await files.kindOf(folder)) === undefined) await files.makeFolder(folder)
}

async function writeBoth({ tools, files, findings, folder }: Subject): Promise<void> {
  const written = async (name: string, answer: ToolAnswer, bytes: Buffer<ArrayBuffer>): Promise<void> => {
    const path = `${folder}/${name}`
    const stored = await files.read(path)
    if (answer.kind === 'result' && stored?.bytes.equals(bytes) === true) return
    findings.add({
      id: 'written-otherwise',
      message: 'a written file has other bytes on Nextcloud than were given',
      expected: `${name}: ${describeBytes(bytes)}`,
      observed: `${name}: ${describeBytes(stored?.bytes)}, ${describeToolAnswer(answer)}`,
    })
    await files.write(path, bytes)
  }
  await written('text.txt', await tools.write(`${folder}/text.txt`, TEXT), Buffer.from(TEXT))
  const bytes = await tools.writeBytes(`${folder}/bytes.png`, BYTES, 'image/png')
  await written('bytes.png', bytes, BYTES)
  // One that no tool has touched: a fault of writing must not undo a fault of reading.
  await files.write(`${folder}/direct.bin`, BYTES, 'application/octet-stream')
  await files.makeFolder(`${folder}/sub`)
}

async function readBoth({ tools, files, findings, folder }: Subject): Promise<void> {
  for (const name of ['text.txt', 'bytes.png', 'direct.bin']) {
    const stored = await files.read(`${folder}/${name}`)
    const answer = await tools.read(`${folder}/${name}`)
    const bytes = bytesRead(answer)
    if (stored === undefined || bytes?.equals(stored.bytes) !== true) {
      findings.add({
        id: 'read-otherwise',
        message: 'a file is read with other bytes than Nextcloud has',
        expected: `${name}: ${describeBytes(stored?.bytes)}`,
        observed: `${name}: ${describeBytes(bytes)} (${answer.kind})`,
      })
    }
    const type = mediaType(answer.data['content_type'])
    if (bytes === undefined || type === mediaType(stored?.contentType)) continue
    findings.add({
      id: 'type-otherwise',
      message: 'a file is read with another content type than Nextcloud has',
      expected: `${name}: ${mediaType(stored?.contentType)}`,
      observed: `${name}: ${type}`,
    })
  }
}

async function listAll({ tools, findings, folder }: Subject): Promise<void> {
  const answer = await tools.list(folder)
  const expected = new Map<string, number | 'folder'>([
    ['bytes.png', BYTES.length],
    ['direct.bin', BYTES.length],
    ['sub', 'folder'],
    ['text.txt', Buffer.byteLength(TEXT)],
  ])
  const items = listItems(answer, 'files')
  const listed = items.map((item) => {
    const kind = item['is_directory'] === true ? 'folder' : `${String(item['size'])} bytes`
    return `${String(item['name'])}: ${kind}`
  })
  const wanted = Array.from(
    expected,
    ([name, kind]) => `${name}: ${kind === 'folder' ? kind : `${kind} bytes`}`,
  )
  if (answer.kind === 'result' && listed.sort().join() === wanted.join()) return
  findings.add({
    id: 'listed-otherwise',
    message: 'a folder is listed with other names, kinds or sizes than Nextcloud has',
    expected: wanted,
    observed: answer.kind === 'result' ? listed : describeToolAnswer(answer),
  })
}

async function copyAndMove({ tools, files, findings, folder }: Subject): Promise<void> {
  const [text, copied, moved] = ['text.txt', 'copied.txt', 'sub/moved.txt'].map((name) => `${folder}/${name}`)
  if (text === undefined || copied === undefined || moved === undefined) return
  const has = async (path: string): Promise<boolean> =>
    (await files.read(path))?.bytes.equals(Buffer.from(TEXT)) === true
  const copy = await tools.copy(text, copied)
  if (copy.kind !== 'result' || !(await has(text)) || !(await has(copied))) {
    findings.add({
      id: 'not-copied',
      message: 'a file is not copied',
      expected: 'the text at both places',
      observed: describeToolAnswer(copy),
    })
    await files.write(copied, TEXT)
  }
  const move = await tools.move(copied, moved)
  if (move.kind === 'result' && (await has(moved)) && (await files.kindOf(copied)) === undefined) return
  findings.add({
    id: 'not-moved',
    message: 'a file is not moved',
    expected: 'the text at the new place only',
    observed: describeToolAnswer(move),
  })
}

/** The refusal counts, because the same call with `overwrite` is made right after it. */
async function overwrite({ tools, files, findings, folder }: Subject): Promise<void> {
  const calls = { copy: tools.copy.bind(tools), move: tools.move.bind(tools) }
  for (const [name, call] of Object.entries(calls)) {
    const [from, to] = [`${folder}/${name}-from.txt`, `${folder}/${name}-to.txt`]
    await files.write(from, 'new')
    await files.write(to, 'old')
    const refused = await call(from, to, false)
    const kept = await textAt(files, to)
    if (kept !== 'old' || (await textAt(files, from)) !== 'new') {
      findings.add({
        id: 'overwritten-unasked',
        message: 'a destination is replaced although overwrite is false',
        expected: `${name}: both files as they were`,
        observed: `${name}: ${String(kept)}, ${describeToolAnswer(refused)}`,
      })
      await files.write(from, 'new')
      await files.write(to, 'old')
    }
    const allowed = await call(from, to, true)
    const replaced = await textAt(files, to)
    if (allowed.kind === 'result' && replaced === 'new') continue
    findings.add({
      id: 'not-overwritten',
      message: 'a destination is not replaced although overwrite is true',
      expected: `${name}: the new content`,
      observed: `${name}: ${String(replaced)}, ${describeToolAnswer(allowed)}`,
    })
  }
}

async function removeAll({ tools, files, findings, folder }: Subject): Promise<void> {
  for (const path of [`${folder}/text.txt`, folder]) {
    const answer = await tools.remove(path)
    if (answer.kind === 'result' && (await files.kindOf(path)) === undefined) continue
    findings.add({
      id: 'not-deleted',
      message: 'a deleted file or folder is not gone',
      expected: 'nothing on Nextcloud',
      observed: `${path === folder ? 'folder' : 'file'}: ${describeToolAnswer(answer)}`,
    })
  }
}

async function textAt(files: NextcloudFiles, path: string): Promise<string | undefined> {
  return (await files.read(path))?.bytes.toString('utf8')
}

function mediaType(contentType: unknown): string {
  return typeof contentType === 'string' ? (contentType.split(';', 1)[0] ?? '').trim().toLowerCase() : 'none'
}

function describeBytes(bytes: Buffer | undefined): string {
  if (bytes === undefined) return 'nothing'
  return `${bytes.length} bytes, beginning with ${bytes.subarray(0, 8).toString('hex')}, ending with ${bytes.subarray(-8).toString('hex')}`
}
