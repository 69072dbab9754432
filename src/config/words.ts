import { UsageError } from '../errors.js'

const WORD_PART = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/gy

/**
 * Splits a text into words as a shell does: blanks part them, quotes and backslashes keep blanks. Nothing is expanded.
 *
 * @throws {UsageError} naming `origin` for a quote without its partner.
 */
export function splitWords(text: string, origin: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let end = 0
  for (const match of text.matchAll(WORD_PART)) {
    end = match.index + match[0].length
    const [, single, double, escaped, plain] = match
    const part = single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain
    if (part !== undefined) word = (word ?? '') + part
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (end !== text.length) throw new UsageError('NCMC_USAGE', `${origin} has a quote without its partner`)
  return word === undefined ? words : [...words, word]
}
