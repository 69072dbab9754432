// The last step of the build: the published JSON Schemas, the bundles, and the command as an executable.
import { chmodSync, writeFileSync } from 'node:fs'
import { bundle } from './bundle.mjs'

const dist = new URL('../dist/', import.meta.url)
const { reportJsonSchema } = await import(new URL('src/report/json.js', dist).href)
const { baselineJsonSchema } = await import(new URL('src/baseline-schema.js', dist).href)
const { configJsonSchema } = await import(new URL('src/config/file-schema.js', dist).href)
const schemas = { report: reportJsonSchema(), baseline: baselineJsonSchema(), config: configJsonSchema() }
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(new URL(`${name}.schema.json`, dist), `${JSON.stringify(schema, null, 2)}\n`)
}
await bundle('src/cli/reference-process.js')
chmodSync(new URL('src/cli/bin.js', dist), 0o755)
