import type { McpSession } from './mcp-session.js'
import type { ToolAnswer } from './tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from './tool-names.js'

/** What `FileTools` calls. */
export const FILE_PURPOSES = [
  'listDirectory',
  'readFile',
  'writeFile',
  'createDirectory',
  'deleteResource',
  'moveResource',
  'copyResource',
] as const satisfies readonly ToolPurpose[]

/** The file tools of a server, called in one session. Paths are plain, relative to the user's home. */
export class FileTools {
  readonly #session: McpSession

  constructor(session: McpSession) {
    this.#session = session
  }

  list(path: string): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.listDirectory, { path })
  }

  read(path: string): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.readFile, { path })
  }

  write(path: string, content: string): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.writeFile, { path, content })
  }

  writeBytes(path: string, bytes: Buffer, type: string): Promise<ToolAnswer> {
    const content = bytes.toString('base64')
    return this.#session.callTool(TOOL_NAMES.writeFile, { path, content, content_type: `${type};base64` })
  }

  makeFolder(path: string): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.createDirectory, { path })
  }

  remove(path: string): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.deleteResource, { path })
  }

  /** @param overwrite left to the tool's default when absent */
  move(from: string, to: string, overwrite?: boolean): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.moveResource, transferArguments(from, to, overwrite))
  }

  /** @param overwrite left to the tool's default when absent */
  copy(from: string, to: string, overwrite?: boolean): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.copyResource, transferArguments(from, to, overwrite))
  }
}

function transferArguments(from: string, to: string, overwrite?: boolean): Record<string, unknown> {
  return {
    source_path: from,
    destination_path: to,
    ...(overwrite === undefined ? {} : { overwrite }),
  }
}

/** The bytes that an answer of the reading tool stands for; `undefined` when it is no file. */
export function bytesRead({ kind, data }: ToolAnswer): Buffer | undefined {
  const { content, encoding } = data
  if (kind !== 'result' || typeof content !== 'string') return undefined
  return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
}
