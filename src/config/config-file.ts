import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
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
  const values = extname(path) === '.json' ? await readJson(name, path) : await importModule(name, path)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new UsageError('NCMC_USAGE', `${name} must hold one object of options (modules: as default export)`)
  }
  return { name, values: values as Readonly<Record<string, unknown>> }
}

/** @throws {UsageError} when there are several. */
export function findConfigFile(cwd: string): string | undefined {
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

const TYPESCRIPT = ['.ts', '.mts', '.cts']
const MAX_REASON = 300

/** Modules may have any name; only the extension counts. */
async function importModule(name: string, path: string): Promise<unknown> {
  const extension = extname(path)
  if (![...TYPESCRIPT, '.mjs', '.js'].includes(extension)) {
    throw new UsageError('NCMC_USAGE', `--config: ${name} must end in ${EXTENSIONS.join(', ')}`)
  }
  try {
    return asData(
      TYPESCRIPT.includes(extension)
        ? await importTypeScript(path)
        : ((await import(pathToFileURL(path).href)) as { default?: unknown }).default,
    )
  } catch (thrown) {
    throw new UsageError('NCMC_USAGE', `${name} cannot be imported: ${reasonOf(thrown, path)}`)
  }
}

/** A copy without code: getters and proxies of the user's must not run, and fail, where nobody expects it. */
function asData(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value
}

/** With jiti on every Node, so that a file means the same everywhere: docs/decisions/0019. */
async function importTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  // `npx` puts the package where the user's folder does not find it; our own file is always there.
  const ownModule = fileURLToPath(new URL(`./define-config${extname(import.meta.url)}`, import.meta.url))
  const jiti = createJiti(import.meta.url, {
    alias: { 'nc-mcp-conformance': ownModule },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  })
  const module = await jiti.import<{ readonly default?: unknown }>(path)
  return module.default
}

/**
 * What went wrong in the user's module, as one line without a stack. Of a text that cannot be parsed only the place is
 * told: the parser's message may quote a password.
 */
function reasonOf(thrown: unknown, path: string): string {
  // Its message quotes what it could not copy.
  if (thrown instanceof DOMException) return 'it holds what is no data, such as a function'
  const text = textOf(thrown)
  if (thrown instanceof SyntaxError || /^Error: ParseError\b/.test(text)) {
    const [, place] = /[(:](\d+):\d+/.exec(text) ?? []
    return `it cannot be parsed${place === undefined ? '' : ` at line ${place}`}`
  }
  const [line = ''] = text.replaceAll(path, basename(path)).trim().split('\n')
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line
}

/** A module may throw what it likes, also what fails when it is looked at. */
function textOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`
  } catch {
    // The same as nothing that can be told.
  }
  return 'it threw what is no error'
}
