import { defineCheck, judge, type Finding } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { compileSchema } from '../support/json-schema.js'
import { openTargetSession, type ListedTool } from '../support/mcp-session.js'

const ALLOWED_NAME = /^[A-Za-z0-9_.-]{1,128}$/

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
    for (const tool of tools) {
      for (const finding of judgeTool(tool)) {
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

function judgeTool(tool: ListedTool): Finding[] {
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
    const compiled = isJsonObject(schema) ? compileSchema(schema) : undefined
    if (compiled?.kind !== 'wrong') continue
    const { error } = compiled
    findings.push({
      id: 'invalid-schema',
      message: `a schema is not valid in its dialect: ${member} of ${name} ${error}`,
      observed: `${name} ${member} ${error}`,
    })
  }
  return findings
}
