import { UsageError } from '../errors.js'

/**
 * The URL as given, when it is one for http or https without credentials and fragment. Never quoted in errors:
 * a URL may hold a password.
 *
 * @throws {UsageError} naming `origin`.
 */
export function parseHttpUrl(text: string, origin: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('NCMC_USAGE', `${origin} must be a URL that starts with http:// or https://`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'NCMC_USAGE',
      `${origin} must not hold credentials; passwords come from NCMC_ALICE_PASSWORD and NCMC_BOB_PASSWORD`,
    )
  }
  if (url.hash !== '') throw new UsageError('NCMC_USAGE', `${origin} must not have a fragment (#…)`)
  return text
}
