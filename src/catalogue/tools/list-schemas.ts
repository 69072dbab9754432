import { Ajv, type AnySchema } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { defineCheck, judge, type Finding } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { openTargetSession, type ListedTool } from '../support/mcp-session.js'

const ALLOWED_NAME = /^[A-Za-z0-9_.-]{1,128}$/
const DRAFT_07 = /^http:\/\/json-schema\.org\/draft-07\/schema#?$/
const DRAFT_2020_12 = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/

/** A client that cannot compile one schema often gives up on the whole list. */
export const listSchemas = defineCheck({
  id: 'tools.list.schemas',
  suite: 'tools',
  title: 'Every listed tool has a good name, a description and valid schemas',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Tool' },
    { document: 'MCP-Tools', clause: 'Tool Names' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-invalid-schema', alsoRed: ['protocol.official.stateful'] }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const tools = await session.listTools()
    if (tools.length === 0) return { kind: 'not-applicable', reason: 'the server lists no tools' }
    const sameOrder = namesOf(await session.listTools()).join() === namesOf(tools).join()
    const findings = new Findings()
    const level = ctx.revision < '2025-11-25' ? { level: 'SHOULD' as const } : {}
    const validators = new Validators()
    for (const tool of tools) {
      for (const finding of judgeTool(tool, validators)) {
        findings.add(finding.id === 'invalid-schema' ? { ...finding, ...level } : finding)
      }
    }
    const repeated = namesOf(tools).filter((name, index, all) => all.indexOf(name) !== index)
    for (const name of new Set(repeated)) {
      findings.add({
        id: 'name-not-unique',
        message: 'two tools have the same name',
        observed: name,
        level: 'SHOULD',
      })
    }
    return judge(findings.list(), { tools: namesOf(tools), sameOrderTwice: sameOrder })
  },
})

function namesOf(tools: readonly ListedTool[]): string[] {
  return tools.map(({ name }) => String(name))
}

function judgeTool(tool: ListedTool, validators: Validators): Finding[] {
  const name = String(tool['name'])
  const findings: Finding[] = []
  if (!ALLOWED_NAME.test(name)) {
    findings.push({
      id: 'name-not-allowed',
      message: 'a tool name has characters that are not allowed, or is too long',
      expected: String(ALLOWED_NAME),
      observed: name,
      level: 'SHOULD',
    })
  }
  if (typeof tool['description'] !== 'string' || tool['description'] === '') {
    findings.push({
      id: 'description-missing',
      message: 'a tool has no description',
      observed: name,
      level: 'SHOULD',
    })
  }
  const { inputSchema, outputSchema } = tool
  if (!isJsonObject(inputSchema) || inputSchema['type'] !== 'object') {
    findings.push({
      id: 'input-schema-no-object',
      message: 'an inputSchema does not describe an object',
      expected: { type: 'object' },
      observed: name,
    })
  }
  for (const [member, schema] of Object.entries({ inputSchema, outputSchema })) {
    const error = isJsonObject(schema) ? validators.error(schema) : undefined
    if (error === undefined) continue
    findings.push({
      id: 'invalid-schema',
      message: `a schema is not valid in its dialect: ${member} of ${name} ${error}`,
      observed: `${name} ${member} ${error}`,
    })
  }
  return findings
}

/** The dialects' meta-schemas, compiled once for all tools. */
class Validators {
  readonly #ajv = new Map<typeof Ajv | typeof Ajv2020, Ajv | Ajv2020>()

  /** What is wrong with a schema; other dialects than 2020-12 (the default) and draft-07 are not looked at. */
  error(schema: Readonly<Record<string, unknown>>): string | undefined {
    const dialect = schema['$schema'] ?? 'https://json-schema.org/draft/2020-12/schema'
    if (typeof dialect !== 'string') return '$schema must be string'
    const isDraft07 = DRAFT_07.test(dialect)
    if (!isDraft07 && !DRAFT_2020_12.test(dialect)) return undefined
    const ajv = this.#of(isDraft07 ? Ajv : Ajv2020)
    if (ajv.validateSchema(schema) !== true) return ajv.errorsText(ajv.errors, { dataVar: '' })
    try {
      // What the meta-schema cannot see, such as a $ref that leads nowhere.
      ajv.compile(schema as AnySchema)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #of(dialect: typeof Ajv | typeof Ajv2020): Ajv | Ajv2020 {
    const known = this.#ajv.get(dialect)
    if (known !== undefined) return known
    // Schemas of two tools may have the same $id, so none is kept.
    const options = { strict: false, logger: false, validateFormats: false, addUsedSchema: false } as const
    const made = new dialect(options)
    this.#ajv.set(dialect, made)
    return made
  }
}
