import { isJsonObject } from './json.js'
import type { ToolAnswer } from './tool-answer.js'

type JsonObject = Readonly<Record<string, unknown>>

/** Names under which servers wrap a list besides its own. */
const WRAPPERS = ['result', 'results', 'items', 'data']

/**
 * The items of a list that a tool answered, in whichever of the usual forms: an object that wraps the list (structured
 * or as the text's JSON), a JSON array in one text block, or one text block per item. No blocks are an empty list.
 *
 * @param names under which the list may be wrapped, e.g. `files`.
 */
export function listItems(answer: ToolAnswer, ...names: string[]): readonly JsonObject[] {
  const wrapped = wrappedList(answer.structured, names)
  if (wrapped !== undefined) return wrapped
  const values = answer.blocks.map(parse)
  const [only] = values
  if (values.length === 1) {
    if (Array.isArray(only)) return only.filter(isJsonObject)
    const list = wrappedList(only, names)
    if (list !== undefined) return list
  }
  return values.filter(isJsonObject)
}

function wrappedList(value: unknown, names: readonly string[]): readonly JsonObject[] | undefined {
  if (!isJsonObject(value)) return undefined
  // What has an id is an item by itself: a table row has its cells under `data`.
  const wrappers = 'id' in value ? names : [...names, ...WRAPPERS]
  const list = wrappers.map((name) => value[name]).find((candidate) => Array.isArray(candidate))
  return Array.isArray(list) ? list.filter(isJsonObject) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
