import { z } from 'zod'
import { RUN_OPTIONS, runOptionsSchema } from './schema.js'

/** A configuration file: every option of a run, in camel case. */
export const fileConfigSchema = runOptionsSchema.extend({
  $schema: z.string().optional().describe('for editors'),
})

/** The JSON Schema (2020-12) of `nc-mcp-conformance.config.json`. Where a list is wanted, one text will do. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, properties = {}, ...schema } = z.toJSONSchema(fileConfigSchema, { io: 'input' })
  const lists: readonly string[] = RUN_OPTIONS.filter(({ type }) => type === 'array').map(({ key }) => key)
  const forms = Object.entries(properties).map(([name, property]) => {
    if (typeof property === 'boolean' || !lists.includes(name)) return [name, property]
    const { description, default: _, ...list } = property
    return [name, { description, anyOf: [list, list.items] }]
  })
  return {
    $schema,
    title: 'Configuration of nc-mcp-conformance',
    ...schema,
    properties: Object.fromEntries(forms) as unknown,
  }
}
