import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { quoteUntrusted, UsageError } from '../errors.js'
import { REMEDIES } from '../race/model.js'
import { BUILT_IN_REMEDIES, combine } from '../race/remedies/built-in.js'
import type { CustomRemedy, RemedyDefinition } from '../race/remedies/remedy.js'
import { unknownName } from './names.js'

const MODULE = /^\.{0,2}\/|\.[cm]?js$/

/**
 * The remedies of `--remedy`: names of our own, several joined by `+`, or a module whose default export is a
 * {@link CustomRemedy}. Default: all of our own.
 *
 * @param cwd what paths are relative to.
 * @throws {UsageError} for names that do not exist, and modules that cannot be loaded or export no function.
 */
export async function resolveRemedies(
  texts: readonly string[],
  cwd: string,
): Promise<readonly RemedyDefinition[]> {
  if (texts.length === 0) return REMEDIES.map((name) => BUILT_IN_REMEDIES[name])
  const remedies: RemedyDefinition[] = []
  for (const text of texts) {
    const remedy = MODULE.test(text) ? await loadRemedy(text, cwd) : namedRemedy(text)
    if (remedies.some(({ name }) => name === remedy.name)) {
      throw new UsageError('NCMC_USAGE', `--remedy: ${quoteUntrusted(remedy.name, 80)} was given twice`)
    }
    remedies.push(remedy)
  }
  return remedies
}

function namedRemedy(text: string): RemedyDefinition {
  const parts = text.split('+').map((part) => {
    const name = REMEDIES.find((known) => known === part.trim())
    if (name !== undefined) return BUILT_IN_REMEDIES[name]
    throw unknownName(
      '--remedy: there is no remedy',
      part,
      REMEDIES,
      `valid are ${REMEDIES.join(', ')}, several joined by +, or a module such as ./my-remedy.mjs`,
    )
  })
  const [only, second] = parts
  return only !== undefined && second === undefined
    ? only
    : combine(parts.map(({ name }) => name).join('+'), parts)
}

async function loadRemedy(path: string, cwd: string): Promise<RemedyDefinition> {
  const shown = quoteUntrusted(path, 120)
  let module: { readonly default?: unknown }
  try {
    module = (await import(pathToFileURL(resolve(cwd, path)).href)) as { readonly default?: unknown }
  } catch (cause) {
    throw new UsageError('NCMC_USAGE', `--remedy: the module ${shown} cannot be loaded`, { cause })
  }
  if (typeof module.default !== 'function') {
    throw new UsageError(
      'NCMC_USAGE',
      `--remedy: the module ${shown} must have a function as its default export: async (ctx) => { … }; see docs/registration-race.md`,
    )
  }
  const name = basename(path, extname(path)).slice(0, 60)
  return {
    name: `custom:${name}`,
    summary: 'a remedy of the user',
    beforeUse: module.default as CustomRemedy,
  }
}
