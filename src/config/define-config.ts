import type { z } from 'zod'
import type { fileConfigSchema } from './file-schema.js'

/** What `nc-mcp-conformance.config.json|ts|mjs|js` may hold: options in camel case, and the servers under `targets`. */
export type Config = z.input<typeof fileConfigSchema>

/** Gives a configuration file its type: `export default defineConfig({ … })`. Nothing is checked here, the run does that. */
export function defineConfig(config: Config): Config {
  return config
}
