import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageFile } from '../../src/package-root.js'

export interface Step {
  readonly name?: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string | number>>
  readonly with?: Readonly<Record<string, string | number | boolean>>
}

export interface Job {
  readonly steps: readonly Step[]
  readonly permissions?: unknown
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> }
  readonly 'timeout-minutes'?: number
}

export interface Workflow {
  readonly on: unknown
  readonly permissions?: unknown
  readonly env?: Readonly<Record<string, string | number>>
  readonly jobs: Readonly<Record<string, Job>>
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

const FOLDER = packageFile('.github/workflows')

/** Our own workflows by file name. */
export const WORKFLOWS: ReadonlyMap<string, Workflow> = new Map(
  readdirSync(FOLDER).map((name) => [name, parse(readFileSync(join(FOLDER, name), 'utf8')) as Workflow]),
)

/** The action for users' pipelines. */
export const ACTION = parse(readFileSync(packageFile('action.yml'), 'utf8')) as Action

/** Every step of the workflows and of the action, with where it is. */
export const STEPS: readonly (readonly [where: string, step: Step])[] = [
  ...[...WORKFLOWS].flatMap(([file, { jobs }]) =>
    Object.entries(jobs).flatMap(([job, { steps }]) =>
      steps.map((step, at) => [`${file} ${job} ${step.name ?? step.uses ?? at}`, step] as const),
    ),
  ),
  ...ACTION.runs.steps.map((step, at) => [`action.yml ${step.name ?? step.uses ?? at}`, step] as const),
]

/** The toolkit's command lines in a script, as lists of words: variables stay as they are written, redirections go. */
export function commandLinesOf(script: string): readonly (readonly string[])[] {
  const lines = script.replaceAll(/\\\n\s*/g, ' ').split(/\n|;|&&|\|\|/)
  return lines.flatMap((line) => {
    const [, rest] = /(?:dist\/src\/cli\/bin\.js|\.bin\/nc-mcp-conformance"?)(?:\s+(.*)|$)/.exec(line) ?? []
    if (rest === undefined) return []
    const words = rest.replaceAll(/\d?>>?\s*\S+/g, '').match(/(?:"[^"]*"|[^\s"])+/g) ?? []
    return [words.map((word) => word.replaceAll('"', ''))]
  })
}
