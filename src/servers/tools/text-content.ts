import { isUtf8 } from 'node:buffer'

const TEXT_TYPE =
  /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|yaml)$|application\/(?:javascript|ecmascript|x-yaml|toml|sql|x-sh|x-php)$|image\/svg\+xml$)/

/** Whether a file is shown as text: its type says so and its bytes are UTF-8. `mediaType` without parameters. */
export function isText(mediaType: string, bytes: Buffer): boolean {
  return TEXT_TYPE.test(mediaType.toLowerCase()) && isUtf8(bytes)
}

/** A Content-Type without its parameters. */
export function mediaTypeOf(contentType: string | null): string {
  const type = contentType?.split(';', 1)[0]?.trim() ?? ''
  return type === '' ? 'application/octet-stream' : type
}
