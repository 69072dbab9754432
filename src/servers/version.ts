import { createRequire } from 'node:module'
import * as z from 'zod'

// The package's own name finds package.json from the sources and from the build alike.
const manifest: unknown = createRequire(import.meta.url)('nc-mcp-conformance/package.json')

/** Version of this package, as in package.json. */
export const PACKAGE_VERSION = z.object({ version: z.string() }).parse(manifest).version
