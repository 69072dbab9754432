import { dirname, join, relative, resolve, sep } from 'node:path'

/**
 * The `$schema` of a file for editors: the path from it to a JSON Schema of the package as the project has it.
 *
 * @param file absolute, or relative to `cwd`.
 * @param schema file name, e.g. `baseline.schema.json`.
 */
export function schemaReference(file: string, schema: string, cwd: string): string {
  const target = join(cwd, 'node_modules', 'nc-mcp-conformance', 'dist', schema)
  const path = relative(dirname(resolve(cwd, file)), target)
    .split(sep)
    .join('/')
  return path.startsWith('.') ? path : `./${path}`
}
