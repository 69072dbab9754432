import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { DavError } from './dav-error.js'

/**
 * If-Match and If-None-Match (RFC 9110, 13.1) against what is there; If-Modified-Since and If-Unmodified-Since too when
 * the time is given.
 *
 * @param etag with quotes; `undefined` when there is nothing.
 * @param modifiedSeconds time of the last change.
 * @returns true when a GET or HEAD is to be answered with 304.
 * @throws {DavError} 412
 */
export function checkPreconditions(
  c: Context<EmbeddedEnv>,
  etag: string | undefined,
  modifiedSeconds?: number,
): boolean {
  const ifMatch = c.req.header('if-match')
  if (ifMatch !== undefined) {
    const failure =
      etag === undefined
        ? 'An If-Match header was specified and the resource did not exist'
        : names(ifMatch, etag)
          ? undefined
          : 'An If-Match header was specified, but none of the specified ETags matched.'
    if (failure !== undefined) throw preconditionFailed(failure, 'If-Match', etag)
  } else if (modifiedSeconds !== undefined && modifiedSeconds > secondsOf(c, 'if-unmodified-since')) {
    throw preconditionFailed(
      'An If-Unmodified-Since header was specified, but the entity has been changed since the specified date.',
      'If-Unmodified-Since',
    )
  }
  const ifNoneMatch = c.req.header('if-none-match')
  if (ifNoneMatch === undefined) {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    return isRead && modifiedSeconds !== undefined && modifiedSeconds <= secondsOf(c, 'if-modified-since')
  }
  if (etag === undefined || !names(ifNoneMatch, etag)) return false
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return true
  throw preconditionFailed(
    'An If-None-Match header was specified, but the ETag matched (or * was specified).',
    'If-None-Match',
  )
}

/** Seconds of a date header; NaN, with which every comparison fails, when there is none. */
function secondsOf(c: Context<EmbeddedEnv>, header: string): number {
  return Date.parse(c.req.header(header) ?? '') / 1000
}

function names(header: string, etag: string): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}

/** @param header the header that the body names. */
export function preconditionFailed(message: string, header: string, etag?: string): DavError {
  return new DavError(412, 'PreconditionFailed', message, {
    extraXml: `  <s:header>${header}</s:header>`,
    ...(etag === undefined ? {} : { headers: { etag } }),
  })
}
