import type { CheckContext } from '../context.js'
import type { Findings } from './findings.js'

/** A secret to look for, whole or in pieces. */
export interface KnownSecret {
  /** Beginning of the finding's id, e.g. `token`. */
  readonly kind: string
  readonly value: string
}

const PIECE_LENGTH = 16
const STACK_TRACE =
  /\n\s+at [^\n]*:\d+:\d+|\\n\s+at [^\n]*:\d+:\d+|Traceback \(most recent call last\)|File "[^"]+", line \d+/
const FILE_PATH = /(?:^|[\s"'(])(?:\/[\w.@-]+){2,}\.(?:[cm]?[jt]s|py|php|json)\b|file:\/\/\//

/**
 * Looks through texts for secrets (whole, in pieces of 16 characters, as Base64) and for what only developers
 * should see. Findings tell where, never what.
 *
 * @param where end of the findings' ids, e.g. `response`.
 */
export function scanForLeaks(
  findings: Findings,
  texts: readonly { readonly name: string; readonly text: string }[],
  secrets: readonly KnownSecret[],
  where: 'response' | 'log',
): void {
  const pieces = new Map(secrets.flatMap(({ kind, value }) => piecesOf(value).map((piece) => [piece, kind])))
  for (const { name, text } of texts) {
    for (const kind of new Set(
      [...pieces].filter(([piece]) => text.includes(piece)).map(([, kind]) => kind),
    )) {
      findings.add({ id: `${kind}-in-${where}`, message: `a ${where} holds a ${kind}`, observed: name })
    }
    if (where === 'log') continue
    if (STACK_TRACE.test(text)) {
      findings.add({
        id: 'stack-trace-in-response',
        message: 'a response holds a stack trace',
        observed: name,
      })
    } else if (FILE_PATH.test(text)) {
      findings.add({ id: 'file-path-in-response', message: 'a response holds a file path', observed: name })
    }
  }
}

/** All responses of a server so far, as texts with names that may be shown. */
export function responsesOf(
  ctx: Pick<CheckContext, 'responsesFrom'>,
  url: string,
): readonly { readonly name: string; readonly text: string }[] {
  return ctx
    .responsesFrom(new URL(url).origin)
    .map(({ status, text }, index) => ({ name: `response ${index + 1} (status ${status})`, text }))
}

/** Every piece that would be worth having; short values count only as a whole. */
function piecesOf(value: string): string[] {
  const spellings = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
  ]
  return [...new Set(spellings)].flatMap((spelling) =>
    spelling.length <= PIECE_LENGTH
      ? [spelling]
      : Array.from({ length: spelling.length - PIECE_LENGTH + 1 }, (_, start) =>
          spelling.slice(start, start + PIECE_LENGTH),
        ),
  )
}
