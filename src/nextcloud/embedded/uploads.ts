import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'

const DEFAULT_MAX_UPLOAD_BYTES = 512 * 1024 * 1024

/** A body is larger than the instance's limit, `EmbeddedOptions.maxUploadBytes`. */
export class PayloadTooLargeError extends Error {}

/**
 * The body of an upload. One that says beforehand that it is too large is not read.
 *
 * @throws {PayloadTooLargeError}
 */
export async function readUpload(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): Promise<Buffer<ArrayBuffer>> {
  refuseLargeBody(ctx, c)
  if (c.req.header('content-length') !== undefined) return Buffer.from(await c.req.arrayBuffer())
  const chunks: Uint8Array[] = []
  let bytes = 0
  const body: AsyncIterable<Uint8Array> | null = c.req.raw.body
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxUploadBytes(ctx)) throw new PayloadTooLargeError('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws {PayloadTooLargeError} when the request's Content-Length is beyond the limit. */
export function refuseLargeBody(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): void {
  if (Number(c.req.header('content-length') ?? 0) > maxUploadBytes(ctx)) {
    throw new PayloadTooLargeError('the body is too large')
  }
}

function maxUploadBytes({ options }: EmbeddedContext): number {
  return options.maxUploadBytes ?? DEFAULT_MAX_UPLOAD_BYTES
}
