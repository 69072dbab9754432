import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Bytes from here on are left out: with them, some letters would come up more often than others. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length)

/** A random text of `length` letters and digits, the form of every secret of the oidc app. */
export function randomAlphanumeric(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < FAIR_BYTES) text += ALPHABET.charAt(byte % ALPHABET.length)
    }
  }
  return text
}

/** SHA-512 as hex: how codes and refresh tokens are kept. */
export function sha512Hex(text: string): string {
  return createHash('sha512').update(text).digest('hex')
}
