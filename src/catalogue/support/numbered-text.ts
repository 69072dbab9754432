const BLOCK_CHARACTERS = 4_096
const LINE = 'The quick brown fox jumps over the lazy dog, and no part of it may be lost.\n'

/** A text of this many ASCII characters in numbered blocks, so that a missing or a moved part shows. */
export function numberedText(characters: number): string {
  const filling = LINE.repeat(Math.ceil(BLOCK_CHARACTERS / LINE.length))
  const blocks = Array.from({ length: Math.ceil(characters / BLOCK_CHARACTERS) }, (_, number) =>
    `block ${number}\n${filling}`.slice(0, BLOCK_CHARACTERS),
  )
  return blocks.join('').slice(0, characters)
}
