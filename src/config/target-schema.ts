import { z } from 'zod'
import { MODES } from '../servers/server.js'

const variables = z.record(z.string(), z.string())
const image = {
  port: z.int().min(1).max(65_535).optional().describe('port inside the container; default 8000'),
  path: z.string().optional().describe('path of the MCP endpoint; default /mcp'),
  readyPath: z.string().optional().describe('path that answers once the server is ready'),
}

/** A server's image with all that belongs to it, as a configuration file may give it in `serverImage`. */
export const serverImageEntry = z.strictObject({
  mode: z.enum(MODES).optional().describe('default: all modes'),
  image: z.string().min(1),
  env: variables.optional().describe('{port} and {mode} are filled in'),
  command: z.array(z.string()).optional().describe("in place of the image's own"),
  ...image,
})

export type ServerImageEntry = z.output<typeof serverImageEntry>

/** The server of one mode: exactly one of `url`, `command` and `image`. */
const targetEntry = z.strictObject({
  url: z.string().min(1).optional().describe('MCP endpoint of a server that runs'),
  command: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe("command that starts the server; with image: a list of words in place of the image's own"),
  image: z.string().min(1).optional().describe('image of the server, run in a container'),
  env: variables
    .optional()
    .describe('variables of the server; {{nextcloud.url}}, {{user.password}} and the like are filled in'),
  ...image,
})

/** Servers by mode, as a configuration file gives them. */
export const targetsSchema = z.strictObject({
  basic: targetEntry.optional().describe("the server that holds one user's credentials"),
  oauth: targetEntry.optional().describe('the server that takes access tokens'),
})

export type TargetEntry = z.output<typeof targetEntry>
