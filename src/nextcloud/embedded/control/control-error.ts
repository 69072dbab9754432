import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'

const MAX_BODY_BYTES = 64 * 1024

/** A request to the control API that is refused; the application turns it into JSON. */
export class ControlError extends Error {
  readonly status: ContentfulStatusCode
  readonly code: string

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
    this.code = code
  }
}

/** The JSON answer to a refusal, `{ error, message }`. */
export function errorResponse(c: Context, { status, code, message }: ControlError): Response {
  return c.json({ error: code, message }, status)
}

/**
 * The value in the schema's shape.
 *
 * @throws {ControlError} 400 with all that is wrong, without the values.
 */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const complaints = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new ControlError(400, 'invalid_request', complaints.join('; '))
}

/**
 * The request's body; an empty one counts as `{}`.
 *
 * @throws {ControlError} 400 when it is no JSON or has another shape, 413 when it is too large.
 */
export async function jsonBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await limitedText(c)
  let value: unknown = {}
  try {
    if (text.trim() !== '') value = JSON.parse(text)
  } catch {
    throw new ControlError(400, 'invalid_json', 'the body is no JSON')
  }
  return checked(schema, value)
}

/** Hono's own limit makes a Request of the platform from ours, which the server's cannot be made into. */
async function limitedText(c: Context): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BODY_BYTES) {
      throw new ControlError(413, 'too_large', `a body has at most ${MAX_BODY_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
