import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** Texts that are often changed on the way, by what they are. */
const SAMPLES = {
  'emoji with joiners': '\u{1f469}\u{1f3fd}\u200d\u{1f4bb} \u{1f3f4}\u200d\u2620\ufe0f \u{1f1e9}\u{1f1ea}',
  'right-to-left text': '\u05e9\u05dc\u05d5\u05dd \u200f\u0645\u0631\u062d\u0628\u0627\u200e abc',
  'composed accents': 'Z\u00fcrich caf\u00e9 \u00c5ngstr\u00f6m',
  'decomposed accents': 'Zu\u0308rich cafe\u0301 A\u030angstro\u0308m',
  'other scripts': '\u6f22\u5b57 \ud55c\uad6d \u0e44\u0e17\u0e22 \u{20bb7}',
  'compatibility characters': '\ufb01 \u2460 \u212b \uff21',
  CRLF: 'one\r\ntwo\r\n',
  tabs: '\tone\ttwo',
  'line separator': 'one\u2028two\u2029three',
  markup: '<script>alert("1")</script> &amp; </note> ]]>',
  escapes: '\\n \\u00e9 %C3%A9 {"a": 1} \u007f',
} as const
const CONTENT = Object.values(SAMPLES).join('\n')
const TITLE_SAMPLES = [
  'emoji with joiners',
  'right-to-left text',
  'composed accents',
  'decomposed accents',
] as const

/** Whatever a text holds is the user's: no code point may change on its way in or out. */
export const unicode = defineCheck({
  id: 'tools.unicode',
  suite: 'tools',
  title: 'Titles and contents of notes come back code point for code point',
  level: 'MUST',
  source: [
    { document: 'RFC8259', clause: '8.1' },
    { document: 'project', clause: 'texts are kept code point for code point' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-unicode-normalised' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote', 'getNote', 'updateNote'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const notes = sharedNotes(ctx, 'alice')
    const title = `${newMarker()} ${TITLE_SAMPLES.map((name) => SAMPLES[name]).join(' ')}`
    const { id } = await notes.create({ title, content: CONTENT, category: `${NOTE_CATEGORY}/direct` })
    let noteId: number | undefined
    try {
      // Nextcloud changes titles itself, as they are file names: what it makes of the same title is the measure. The
      // answer to the creation still shows the title that was sent, with an ETag that holds no longer.
      const direct = await notes.get(id)
      if (direct === undefined) return notTestable('Nextcloud does not have the note that was created')
      if (direct.content !== CONTENT) return notTestable('Nextcloud itself changes the content')
      const created = await tools.create({ title, content: CONTENT, category: NOTE_CATEGORY })
      noteId = noteIdOf(created)
      if (noteId === undefined) return notTestable(`no note can be created: ${describeToolAnswer(created)}`)
      const stored = await notes.get(noteId)
      if (stored === undefined) return notTestable("the created note is not in alice's space")
      const findings = new Findings()
      compare(findings, ['created-otherwise', 'a created note'], direct, stored)
      compareAnswer(findings, direct, await tools.get(direct.id))
      const answer = await tools.update(direct.id, direct.etag, { content: `${CONTENT}\nmore` })
      if (answer.kind !== 'result')
        return notTestable(`a note cannot be updated: ${describeToolAnswer(answer)}`)
      const updated = await notes.get(direct.id)
      compare(
        findings,
        ['updated-otherwise', 'an updated note'],
        { ...direct, content: `${CONTENT}\nmore` },
        updated,
      )
      return judge(findings.list(), Object.keys(SAMPLES))
    } finally {
      await notes.remove(id, noteId)
    }
  },
})

type Texts = Pick<NextcloudNote, 'title' | 'content'>

/** What a tool reads, in the structured form and in the text, as far as it has both. */
function compareAnswer(findings: Findings, stored: NextcloudNote, answer: ToolAnswer): void {
  compare(findings, ['read-otherwise', 'a note that is read'], stored, answer.data)
  if (answer.structured === undefined) return
  const texts = answer.blocks.map(parse).filter(isJsonObject)
  for (const text of texts)
    compare(findings, ['text-otherwise', 'the text of a note that is read'], stored, text)
}

function compare(
  findings: Findings,
  [id, what]: readonly [string, string],
  expected: Texts,
  actual: Readonly<Partial<Record<keyof Texts, unknown>>> = {},
): void {
  for (const field of ['title', 'content'] as const) {
    const value = actual[field]
    if (value === expected[field]) continue
    const text = typeof value === 'string' ? value : ''
    const changed = Object.entries(SAMPLES).filter(
      ([, sample]) => expected[field].includes(sample) && !text.includes(sample),
    )
    findings.add({
      id,
      message: `${what} has other texts`,
      expected: 'the same code points',
      observed: { [field]: changed.length === 0 ? escaped(text) : changed.map(([name]) => name) },
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every character beyond ASCII as an escape, so that it can be told from others that look the same. */
function escaped(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
