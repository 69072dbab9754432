import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../errors.js'

const STEM = 'nc-mcp-conformance.config'
const EXTENSIONS = ['.json', '.ts', '.mjs', '.js'] as const

export interface ConfigFile {
  /** As the user would name it: relative to the working folder or as given. */
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface ConfigFileOptions {
  readonly cwd: string
  /** Given by `--config` or `NCMC_CONFIG`; otherwise the working folder is looked at. */
  readonly path?: string
  /** Whether the running Node can import TypeScript. Default: what Node says of itself. */
  readonly importsTypeScript?: boolean
}

/**
 * Reads `nc-mcp-conformance.config.json|ts|mjs|js`: an object whose members are options in camel case.
 *
 * @returns `undefined` when there is none and none was asked for.
 * @throws {UsageError} `NCMC_USAGE` when a named file is missing, several exist, or one cannot be read.
 */
export async function readConfigFile(options: ConfigFileOptions): Promise<ConfigFile | undefined> {
  const name = options.path ?? findConfigFile(options.cwd)
  if (name === undefined) return undefined
  const path = resolve(options.cwd, name)
  if (!existsSync(path)) throw new UsageError('NCMC_USAGE', `--config: there is no file ${name}`)
  const values =
    extname(path) === '.json' ? await readJson(name, path) : await importModule(name, path, options)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new UsageError('NCMC_USAGE', `${name} must hold one object of options (modules: as default export)`)
  }
  return { name, values: values as Readonly<Record<string, unknown>> }
}

function findConfigFile(cwd: string): string | undefined {
  const found = EXTENSIONS.map((extension) => STEM + extension).filter((name) =>
    existsSync(resolve(cwd, name)),
  )
  if (found.length > 1) {
    throw new UsageError(
      'NCMC_USAGE',
      `${found.join(' and ')} both exist; keep one, or name one with --config`,
    )
  }
  return found[0]
}

async function readJson(name: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    // The parser's own message quotes the text, which may hold a password.
    throw new UsageError(
      'NCMC_USAGE',
      `${name} ${cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read'}`,
      {
        ...(cause instanceof SyntaxError ? {} : { cause }),
      },
    )
  }
}

async function importModule(name: string, path: string, options: ConfigFileOptions): Promise<unknown> {
  const importsTypeScript = options.importsTypeScript ?? importsTypeScriptHere()
  if (extname(path) === '.ts' && !importsTypeScript) {
    throw new UsageError(
      'NCMC_USAGE',
      `${name}: Node ${process.versions.node} cannot import TypeScript; use Node 22.18 or newer, or a .json or .mjs file`,
    )
  }
  if (!['.ts', '.mjs', '.js'].includes(extname(path))) {
    throw new UsageError('NCMC_USAGE', `--config: ${name} must end in ${EXTENSIONS.join(', ')}`)
  }
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return module.default
  } catch (cause) {
    throw new UsageError('NCMC_USAGE', `${name} cannot be imported`, { cause })
  }
}

function importsTypeScriptHere(): boolean {
  const { typescript } = process.features as { typescript?: false | string }
  return typescript !== undefined && typescript !== false
}
