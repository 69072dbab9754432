import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { ParameterTypeError, stringParameter, type RequestParameters } from '../oidc/parameters.js'
import { integerCast } from '../tables/numbers.js'
import { DeckError } from './deck-error.js'

/**
 * An id of the path.
 *
 * @throws {DeckError} for one that is no number: 500 with the quirk `badInputIs500`, else 400.
 */
export function pathId(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  name: 'boardId' | 'stackId' | 'cardId' | 'labelId',
): number {
  const text = c.req.param(name) ?? ''
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw ctx.profile.quirks.badInputIs500 ? new DeckError(500, '') : numeric(name)
}

/** @throws {DeckError} 400 without a number. @throws ParameterTypeError for lists and objects. */
export function integerOf(parameters: RequestParameters, name: string, fallback?: number): number {
  const value = parameters[name] ?? fallback
  if (typeof value === 'object') throw new ParameterTypeError(name)
  if (value === undefined || (typeof value === 'string' && !/^\s*[+-]?\d/.test(value))) throw numeric(name)
  return integerCast(value)
}

/** A text that must be there. @throws {DeckError} 400 for one that is empty or too long. */
export function textOf(
  parameters: RequestParameters,
  name: string,
  maxLength: number,
  fallback = '',
): string {
  const text = stringParameter(parameters, name) ?? fallback
  if (text.trim() === '') throw mustBe(name, 'not empty')
  if (text === 'false') throw mustBe(name, 'not false')
  if (Array.from(text).length > maxLength) {
    throw new DeckError(400, `${name} cannot be longer than ${maxLength} characters `)
  }
  return text
}

/** @throws {DeckError} 400 for anything but up to six characters, for labels six hexadecimal digits. */
export function colorOf(parameters: RequestParameters, isLabel: boolean): string {
  const color = textOf(parameters, 'color', 6)
  if (isLabel && !/^[A-Fa-f0-9]{6}$/.test(color)) throw mustBe('color', 'hex color')
  return color
}

/**
 * A point in time as RFC 3339 in UTC; absent, `null` and empty give `null`.
 *
 * @throws {DeckError} 400 for what is no date.
 */
export function timeOf(parameters: RequestParameters, name: string): string | null {
  const text = stringParameter(parameters, name) ?? ''
  if (text === '') return null
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw mustBe(name, 'a date')
  return time.toISOString().replace(/\.\d{3}Z$/, '+00:00')
}

function numeric(name: string): DeckError {
  return mustBe(name, 'numeric')
}

function mustBe(name: string, what: string): DeckError {
  return new DeckError(400, `${name} must be provided and must be ${what}`)
}
