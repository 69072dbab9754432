import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import type { Findings } from './findings.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from './notes-tools.js'
import { numberedText } from './numbered-text.js'
import { openPrivateSession } from './private-session.js'
import { describeToolAnswer, type ToolAnswer } from './tool-answer.js'

/** What the private Nextcloud takes at most. */
const LIMIT_BYTES = 128 * 1024
const TELLS_OF_SIZE = /too\s*(large|big|long)|\b413\b|exceed|limit|quota/i

export interface RefusedContent {
  /** What the call with too large a content was answered; why it was not tried. */
  readonly observed: string
  /** Why nothing can be said. */
  readonly notTestable?: string
}

/**
 * Sends a note to a private Nextcloud that refuses it with 413, and judges what the tool makes of that. Not tried when the
 * server cannot be started by us.
 */
export async function sendTooMuch(findings: Findings, ctx: CheckContext): Promise<RefusedContent> {
  const stack = await ctx.privateStack({ maxUploadBytes: LIMIT_BYTES })
  const opened = await openPrivateSession(ctx, stack).catch((error: unknown) => {
    if (error instanceof NotTestableError) return undefined
    throw error
  })
  if (opened === undefined) {
    ctx.note('no content was refused by Nextcloud: that needs to start the server, which was given by URL')
    return { observed: 'not tried: the server was given by URL' }
  }
  await using session = opened
  const tools = new NotesTools(session)
  const create = (characters: number): Promise<ToolAnswer> =>
    tools.create({ title: newMarker(), content: numberedText(characters), category: NOTE_CATEGORY })
  const small = await create(LIMIT_BYTES / 2)
  const large = await create(LIMIT_BYTES * 2)
  const after = await create(LIMIT_BYTES / 2)
  const observed = describeToolAnswer(large)
  if (small.kind !== 'result') {
    return { observed, notTestable: `positive control: a note below the limit: ${describeToolAnswer(small)}` }
  }
  judgeRefusal(findings, large, observed)
  if (after.kind !== 'result') {
    findings.add({
      id: 'fails-after-refusal',
      message: 'after a content that was too large the server does not take one that is not',
      expected: 'result',
      observed: describeToolAnswer(after),
    })
  }
  return { observed }
}

function judgeRefusal(findings: Findings, { kind, text }: ToolAnswer, observed: string): void {
  if (kind === 'result') {
    findings.add({
      id: 'refused-content-succeeds',
      message: 'a note that Nextcloud refuses as too large is reported as created',
      expected: 'isError',
      observed,
    })
  } else if (kind !== 'tool-error' || !TELLS_OF_SIZE.test(text)) {
    findings.add({
      id: 'size-not-told',
      message: 'the error does not say that the content is too large',
      expected: 'isError with "too large"',
      observed,
    })
  }
}
