import { register } from 'node:module'

/**
 * Preloaded into the official suite on Node < 22: its bundle imports `globSync` from `fs`, which older Nodes do
 * not have, so it does not even start there. No server scenario calls it. To be removed with Node 20.
 */
const shim = [
  "import fs from 'node:fs'",
  "export * from 'node:fs'",
  'export default fs',
  "export const globSync = () => { throw new Error('fs.globSync needs Node 22') }",
].join('\n')

const hooks = `
const shim = ${JSON.stringify(`data:text/javascript,${encodeURIComponent(shim)}`)}
export async function resolve(specifier, context, next) {
  const isFs = specifier === 'fs' || specifier === 'node:fs'
  const isSuite = context.parentURL?.includes('@modelcontextprotocol/conformance/')
  return isFs && isSuite ? { url: shim, shortCircuit: true } : next(specifier, context)
}`

register(`data:text/javascript,${encodeURIComponent(hooks)}`)
