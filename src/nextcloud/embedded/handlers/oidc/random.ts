import { createHash, randomInt } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A random text of `length` letters and digits, the form of every secret of the oidc app. */
export function randomAlphanumeric(length: number): string {
  let text = ''
  while (text.length < length) text += ALPHABET.charAt(randomInt(ALPHABET.length))
  return text
}

/** SHA-512 as hex: how codes and refresh tokens are kept. */
export function sha512Hex(text: string): string {
  return createHash('sha512').update(text).digest('hex')
}
