import { booleanParameter } from '../notes-parameters.js'
import { stringParameter, type RequestParameters } from '../oidc/parameters.js'
import { integerCast } from './numbers.js'
import { TablesError } from './tables-error.js'
import type { ColumnSettings, SelectionOption } from './tables-store.js'

const TYPES = ['text', 'number', 'selection', 'datetime', 'usergroup']
const MAX_TITLE_LENGTH = 200

const NEW_COLUMN: ColumnSettings = {
  type: '',
  subtype: '',
  title: '',
  description: '',
  mandatory: false,
  numberDefault: null,
  numberMin: null,
  numberMax: null,
  numberDecimals: null,
  numberPrefix: '',
  numberSuffix: '',
  textDefault: null,
  textAllowedPattern: null,
  textMaxLength: null,
  selectionOptions: [],
  selectionDefault: '',
  datetimeDefault: '',
}

/**
 * Settings of a column from a request; what it does not name stays as it was.
 *
 * @throws {TablesError} `bad-request` for a title or a type that no column can have.
 * @throws ParameterTypeError
 */
export function readColumnSettings(
  parameters: RequestParameters,
  before: ColumnSettings = NEW_COLUMN,
): ColumnSettings {
  const text = (name: string): string | undefined => stringParameter(parameters, name)
  const type = text('type') ?? before.type
  if (!TYPES.includes(type)) {
    throw new TablesError('bad-request', `"${type}" is not a valid type of a column`)
  }
  return {
    type,
    subtype: text('subtype') ?? before.subtype,
    title: readTitle(text('title') ?? before.title),
    description: text('description') ?? before.description,
    mandatory: booleanParameter(parameters, 'mandatory') ?? before.mandatory,
    numberDefault: numberParameter(text('numberDefault')) ?? before.numberDefault,
    numberMin: numberParameter(text('numberMin')) ?? before.numberMin,
    numberMax: numberParameter(text('numberMax')) ?? before.numberMax,
    numberDecimals: integerParameter(text('numberDecimals')) ?? before.numberDecimals,
    numberPrefix: text('numberPrefix') ?? before.numberPrefix,
    numberSuffix: text('numberSuffix') ?? before.numberSuffix,
    textDefault: text('textDefault') ?? before.textDefault,
    textAllowedPattern: text('textAllowedPattern') ?? before.textAllowedPattern,
    textMaxLength: integerParameter(text('textMaxLength')) ?? before.textMaxLength,
    selectionOptions: readOptions(parameters['selectionOptions']) ?? before.selectionOptions,
    selectionDefault: text('selectionDefault') ?? before.selectionDefault,
    datetimeDefault: text('datetimeDefault') ?? before.datetimeDefault,
  }
}

/**
 * A title of a table or a column.
 *
 * @throws {TablesError} `bad-request` for an empty or too long one.
 */
export function readTitle(title: string): string {
  if (title.trim() === '' || Array.from(title).length > MAX_TITLE_LENGTH) {
    throw new TablesError('bad-request', `A title has 1 to ${MAX_TITLE_LENGTH} characters`)
  }
  return title
}

/** The options of a selection column: JSON text of a list, or the list itself. */
function readOptions(value: unknown): readonly SelectionOption[] | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const list = typeof value === 'string' ? parseJson(value) : value
  if (!Array.isArray(list)) return []
  return list.flatMap((option: unknown) => {
    const { id, label } = (option ?? {}) as { id?: unknown; label?: unknown }
    return typeof label === 'string' ? [{ id: integerCast(id), label }] : []
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function numberParameter(text: string | undefined): number | undefined {
  const number = Number(text ?? NaN)
  return Number.isFinite(number) ? number : undefined
}

function integerParameter(text: string | undefined): number | undefined {
  return text === undefined ? undefined : integerCast(text)
}
