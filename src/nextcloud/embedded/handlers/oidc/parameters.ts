import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'

/** Query, form and JSON parameters merged, as Nextcloud hands them to a controller. */
export type RequestParameters = Readonly<Record<string, unknown>>

/** A parameter has a type that the controller's signature refuses; Nextcloud answers with its 500 page. */
export class ParameterTypeError extends Error {
  constructor(name: string) {
    super(`the parameter ${name} has the wrong type`)
    this.name = 'ParameterTypeError'
  }
}

/** Reads all parameters; a malformed JSON body counts as none, a later parameter replaces an earlier one. */
export async function readParameters(c: Context<EmbeddedEnv>): Promise<RequestParameters> {
  return { ...queryParameters(c), ...(await bodyParameters(c)) }
}

export function queryParameters(c: Context<EmbeddedEnv>): RequestParameters {
  const start = c.req.url.indexOf('?')
  return start === -1 ? {} : fromPairs(new URLSearchParams(c.req.url.slice(start + 1).replace(/#.*$/s, '')))
}

/** Only the parameters of the body (form or JSON). */
export async function bodyParameters(c: Context<EmbeddedEnv>): Promise<RequestParameters> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return {}
  const contentType = c.req.header('content-type') ?? ''
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return fromPairs(new URLSearchParams(await c.req.text()))
  }
  if (contentType.startsWith('multipart/form-data')) {
    const fields = await c.req.formData().catch(() => new FormData())
    const texts = [...fields].filter((field): field is [string, string] => typeof field[1] === 'string')
    return fromPairs(texts)
  }
  return contentType.includes('json') ? fromJson(await c.req.text()) : {}
}

/** Names that the query or a form holds more than once, or that both hold; PHP's lists (`a[]`) do not count. */
export async function repeatedParameters(c: Context<EmbeddedEnv>): Promise<ReadonlySet<string>> {
  const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  const body = isForm && c.req.method !== 'GET' ? await c.req.text() : ''
  const query = c.req.url.includes('?') ? c.req.url.slice(c.req.url.indexOf('?') + 1) : ''
  const names = [query, body].flatMap((text) => [...new URLSearchParams(text).keys()])
  return new Set(names.filter((name, index) => names.indexOf(name) !== index && !name.endsWith('[]')))
}

/** The JSON object of the body; `undefined` when there is none. */
export async function jsonParameters(c: Context<EmbeddedEnv>): Promise<RequestParameters | undefined> {
  if (c.req.header('content-type')?.includes('json') !== true) return undefined
  try {
    const value: unknown = JSON.parse(await c.req.text())
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as RequestParameters) : undefined
  } catch {
    return undefined
  }
}

function fromJson(text: string): RequestParameters {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** PHP's reading of names: `a[]=1&a[]=2` is a list, `a[k]=1` a map, both under the name `a`. */
function fromPairs(pairs: Iterable<readonly [string, string]>): RequestParameters {
  const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of pairs) {
    const bracket = /^([^[]+)\[([^\]]*)\]/.exec(name)
    const [, base, key] = bracket ?? []
    if (base === undefined || key === undefined) {
      result[name] = value
      continue
    }
    const existing = result[base]
    const list: unknown[] = Array.isArray(existing) ? existing : []
    list.push(value)
    result[base] = list
  }
  return result
}

/**
 * A text parameter; absent and JSON `null` give `undefined`, other scalars their PHP text.
 * @throws ParameterTypeError for lists and objects.
 */
export function stringParameter(parameters: RequestParameters, name: string): string | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? '1' : ''
  throw new ParameterTypeError(name)
}

/**
 * A list parameter; members that are no texts become what PHP makes of them.
 * @throws ParameterTypeError for scalars.
 */
export function listParameter(parameters: RequestParameters, name: string): string[] | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object') throw new ParameterTypeError(name)
  return Object.values(value as Record<string, unknown>).map((member) => {
    if (typeof member === 'string') return member
    if (typeof member === 'number') return String(member)
    if (typeof member === 'object' && member !== null) return 'Array'
    return member === true ? '1' : ''
  })
}
