import { HttpPage } from '../user-agent/http-session.js'

/** Longest error code that is kept, characters. */
export const OAUTH_ERROR_LENGTH = 80
const DESCRIPTION_LENGTH = 160
/** Anything as long as that in one word may be a secret or names a client. */
const LONG_WORD = /[\w-]{32,}/g

/** What a page or an error description says, as one short line without anything that could be a secret. */
export function textOfPage(body: string): string {
  const text = body.trimStart().startsWith('<') ? new HttpPage(body).text : body
  return text.replaceAll(LONG_WORD, '…').replaceAll(/\s+/g, ' ').trim().slice(0, DESCRIPTION_LENGTH)
}
