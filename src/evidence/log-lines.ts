import type { Redactor } from './redactor.js'

const KEPT_LINES = 200
const KEPT_CHARACTERS = 500
/** A word this long with digits and letters in it may be a token, of a client or a session that we never saw. */
const TOKEN_LIKE = /(?<![\w/.-])(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])[\w+=-][\w+/=.-]{19,}/g
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/**
 * The last lines of a log as evidence. A log holds secrets that no exchange of ours did, so besides what the redactor
 * knows, everything that could be a token is replaced.
 *
 * @param keptLines default 200; each is cut after 500 characters.
 */
export function logLines(
  lines: readonly string[],
  redactor: Redactor,
  keptLines: number = KEPT_LINES,
): readonly string[] {
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-keptLines)
    .map((line) => {
      const known = redactor.text(line.replaceAll(ANSI, '').slice(0, 10 * KEPT_CHARACTERS))
      const masked = known.replaceAll(TOKEN_LIKE, (word) => redactor.fingerprint('word', word))
      return masked.length > KEPT_CHARACTERS ? `${masked.slice(0, KEPT_CHARACTERS)}…` : masked
    })
}
