import * as z from 'zod'
import type { ServerMutant } from '../mutants.js'
import type { NextcloudClient } from '../nextcloud-client.js'
import type { Area, AreaScope } from '../scopes.js'

export interface ToolContext {
  readonly nextcloud: NextcloudClient
  readonly mutants: ReadonlySet<ServerMutant>
}

type JsonSchema = { readonly type: 'object' } & Readonly<Record<string, unknown>>

/** A tool as the MCP server uses it, but for who may call it: schemas made once, input checked before it runs, output before it leaves. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: ToolAnnotations
  readonly inputSchema: JsonSchema
  readonly outputSchema: JsonSchema
  /**
   * @throws {ToolError} for arguments that the input schema refuses, and for failures that the tool words.
   */
  call(input: unknown, context: ToolContext): Promise<Record<string, unknown>>
}

/** A tool with the scope that a token needs for it. */
export interface ScopedTool extends Tool {
  readonly scope: AreaScope
}

export interface ToolAnnotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** A failure whose message is meant for the MCP client, as the text of an `isError` result. */
export class ToolError extends Error {}

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: ToolAnnotations
  readonly input: Input
  readonly output: Output
  run(input: z.output<Input>, context: ToolContext): Promise<z.input<Output>>
}

/** Turns a typed definition into a tool. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, annotations } = definition
  const inputSchema: JsonSchema = { ...z.toJSONSchema(definition.input, { io: 'input' }), type: 'object' }
  return {
    name,
    title,
    description,
    annotations,
    inputSchema,
    outputSchema: { ...z.toJSONSchema(definition.output, { io: 'output' }), type: 'object' },
    async call(input, context) {
      let parsed = definition.input.safeParse(input ?? {})
      if (!parsed.success && context.mutants.has('s-missing-param-default'))
        parsed = definition.input.safeParse(filledIn(input, inputSchema))
      if (!parsed.success) throw new ToolError(`Invalid arguments for ${name}: ${explain(parsed.error)}`)
      return definition.output.parse(await definition.run(parsed.data, context))
    },
  }
}

/** Declares the scope of each tool of an area: `read` where it changes nothing, else `write`. */
export function scoped(area: Area, tools: readonly Tool[]): ScopedTool[] {
  return tools.map((tool) => ({
    ...tool,
    scope: `${area}.${tool.annotations.readOnlyHint ? 'read' : 'write'}`,
  }))
}

/** What `s-missing-param-default` makes of the arguments. */
function filledIn(input: unknown, { required }: JsonSchema): Record<string, unknown> {
  const names = Array.isArray(required) ? (required as string[]) : []
  return { ...Object.fromEntries(names.map((name) => [name, ''])), ...(input as object | undefined) }
}

function explain(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') return `unknown argument ${issue.keys.join(', ')}`
      const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
      return `${issue.path.join('.')}: ${missing ? 'required argument is missing' : issue.message}`
    })
    .join('; ')
}
