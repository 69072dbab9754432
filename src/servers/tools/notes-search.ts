import type { Note } from './notes-api.js'

export interface SearchHit {
  readonly id: number
  readonly title: string
  readonly category: string
  /** 0 to 4: three times the share of words found in the title plus the share found in the content. */
  readonly score: number
}

const TITLE_WEIGHT = 3
const LEAST_SCORE = 0.5

/**
 * Ranks notes by whole words of the query, letter case ignored, words of one letter dropped. A query
 * without words finds nothing.
 */
export function searchNotes(notes: readonly Note[], query: string): SearchHit[] {
  const wanted = words(query)
  if (wanted.length === 0) return []
  const share = (text: string): number => {
    const present = new Set(words(text))
    return wanted.filter((word) => present.has(word)).length / wanted.length
  }
  return notes
    .map(({ id, title, category, content }) => ({
      id,
      title,
      category,
      score: TITLE_WEIGHT * share(title) + share(content),
    }))
    .filter((hit) => hit.score >= LEAST_SCORE)
    .sort((a, b) => b.score - a.score)
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word.length > 1)
}
