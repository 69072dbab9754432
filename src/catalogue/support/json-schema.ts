import { Ajv, type AnySchema, type ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'

type JsonObject = Readonly<Record<string, unknown>>

const DRAFT_07 = /^http:\/\/json-schema\.org\/draft-07\/schema#?$/
const DRAFT_2020_12 = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/
// Schemas are not kept under their $id: those of two tools, or of two servers, may bear the same.
const OPTIONS = { strict: false, logger: false, validateFormats: false, addUsedSchema: false } as const
// One for each dialect: compiling a meta-schema takes far longer than compiling a tool's schema.
let draft07: Ajv | undefined
let draft2020: Ajv2020 | undefined

/** A schema that can be used, one that is wrong, or one of a dialect that we do not speak. */
export type CompiledSchema =
  | {
      readonly kind: 'usable'
      /** What is wrong with a value; `undefined` when it conforms. */
      readonly errorOf: (value: unknown) => string | undefined
    }
  | { readonly kind: 'wrong'; readonly error: string }
  | { readonly kind: 'other-dialect'; readonly dialect: string }

/** Compiles a JSON Schema: 2020-12 unless `$schema` names draft-07. Formats are not looked at. */
export function compileSchema(schema: JsonObject): CompiledSchema {
  const dialect = schema['$schema'] ?? 'https://json-schema.org/draft/2020-12/schema'
  if (typeof dialect !== 'string') return { kind: 'wrong', error: '$schema must be string' }
  const isDraft07 = DRAFT_07.test(dialect)
  if (!isDraft07 && !DRAFT_2020_12.test(dialect)) return { kind: 'other-dialect', dialect }
  const ajv = isDraft07 ? (draft07 ??= new Ajv(OPTIONS)) : (draft2020 ??= new Ajv2020(OPTIONS))
  const textOf = (errors: ErrorObject[] | null | undefined): string => ajv.errorsText(errors, { dataVar: '' })
  if (ajv.validateSchema(schema) !== true) return { kind: 'wrong', error: textOf(ajv.errors) }
  try {
    // Finds what the meta-schema cannot see, such as a $ref that leads nowhere.
    const validate = ajv.compile(schema as AnySchema)
    return {
      kind: 'usable',
      errorOf: (value) => (validate(value) === true ? undefined : textOf(validate.errors)),
    }
  } catch (error) {
    return { kind: 'wrong', error: error instanceof Error ? error.message : String(error) }
  }
}
