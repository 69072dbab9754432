// The last step of the build: the published JSON Schema, the bundles, and the command as an executable.
import { chmodSync, writeFileSync } from 'node:fs'
import { bundle } from './bundle.mjs'

const dist = new URL('../dist/', import.meta.url)
const { reportJsonSchema } = await import(new URL('src/report/json.js', dist).href)
writeFileSync(new URL('report.schema.json', dist), `${JSON.stringify(reportJsonSchema(), null, 2)}\n`)
await bundle('src/cli/reference-process.js')
chmodSync(new URL('src/cli/bin.js', dist), 0o755)
