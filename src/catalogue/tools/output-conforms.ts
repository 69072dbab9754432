import { isDeepStrictEqual } from 'node:util'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { compileSchema, type CompiledSchema } from '../support/json-schema.js'
import { callKnownTools } from '../support/known-calls.js'
import { openTargetSession } from '../support/mcp-session.js'
import { ToolTour, type TourCall } from '../support/tool-tour.js'

/** Clients hand structured results to programs that rely on the announced schema. */
export const outputConforms = defineCheck({
  id: 'tools.output.conforms',
  suite: 'tools',
  title: 'Structured results conform to the outputSchema of their tool, and are there as text too',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Output Schema' },
    { document: 'MCP-Tools', clause: 'Structured Content' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-output-off-schema' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const tools = new Map((await session.listTools()).map((tool) => [String(tool['name']), tool]))
    const tour = new ToolTour(session, tools.keys())
    await callKnownTools(ctx, tour)

    const findings = new Findings()
    const observed: Record<string, string> = {}
    const schemas = new Map<string, CompiledSchema>()
    for (const call of tour.calls.filter(({ answer }) => answer.kind === 'result')) {
      const outputSchema = tools.get(call.name)?.['outputSchema']
      if (isJsonObject(outputSchema) && !schemas.has(call.name)) {
        schemas.set(call.name, compileSchema(outputSchema))
      }
      observed[call.name] = judgeResult(findings, call, schemas.get(call.name))
    }
    const found = findings.list()
    if (found.length > 0) return judge(found)
    const failures = tour.failures()
    if (failures.length > 0) return notTestable(`calls with fitting arguments fail: ${failures.join('; ')}`)
    const wrong = [...schemas].filter(([, { kind }]) => kind === 'wrong').map(([name]) => name)
    if (wrong.length > 0) return notTestable(`an outputSchema cannot be used: ${wrong.join(', ')}`)
    if (schemas.size === 0) {
      return { kind: 'not-applicable', reason: 'no tool that we know has an outputSchema' }
    }
    return judge([], { called: observed, notCalled: tour.notCalled() })
  },
})

/** @returns how the result was judged, for the evidence. */
function judgeResult(
  findings: Findings,
  { name, answer }: TourCall,
  schema: CompiledSchema | undefined,
): string {
  const { structured } = answer
  if (structured !== undefined && !isThereAsText(structured, answer.blocks)) {
    findings.add({
      id: 'not-there-as-text',
      message: 'a structured result is not there as text too',
      expected: 'a text block with the same JSON',
      observed: name,
      level: 'SHOULD',
    })
  }
  if (schema === undefined) return 'no outputSchema'
  if (structured === undefined) {
    findings.add({
      id: 'structured-content-missing',
      message: 'a tool with an outputSchema gives no structuredContent',
      observed: name,
    })
    return 'no structuredContent'
  }
  if (schema.kind !== 'usable') return `not validated: ${schema.kind}`
  const error = schema.errorOf(structured)
  if (error === undefined) return 'conforms'
  findings.add({
    id: 'off-schema',
    message: 'a structured result does not conform to the outputSchema of its tool',
    observed: `${name}: ${error}`,
  })
  return error
}

/** In one block; of a result that only wraps a list also as one block per item. */
function isThereAsText(structured: Readonly<Record<string, unknown>>, blocks: readonly string[]): boolean {
  const values = blocks.map(parse)
  if (values.some((value) => isDeepStrictEqual(value, structured))) return true
  const [only, ...others] = Object.values(structured)
  return others.length === 0 && Array.isArray(only) && isDeepStrictEqual(values, only)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
