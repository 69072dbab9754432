/**
 * Our shim for Node 20: the published package imports `globSync` from `fs`, for commands that we do not use, and
 * so does not even start there. All in data URLs, because it must work from source and compiled alike.
 *
 * @returns value for `node --import`.
 */
export function globSyncShim(): string {
  const fileSystem = dataUrl(
    "export * from 'node:fs'; export { default } from 'node:fs'; export function globSync() { throw new Error('needs Node 22') }",
  )
  const hooks = dataUrl(
    `export async function resolve(specifier, context, next) {
      const isFs = specifier === 'fs' || specifier === 'node:fs'
      const isSuite = context.parentURL?.includes('@modelcontextprotocol/conformance/')
      return isFs && isSuite ? { url: ${JSON.stringify(fileSystem)}, shortCircuit: true } : next(specifier, context)
    }`,
  )
  return dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(hooks)})`)
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
