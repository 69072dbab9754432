import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel, multiselect, select, text, type Option } from '@clack/prompts'
import { SUITES, type SuiteName } from '../catalogue/check.js'
import type { Config } from '../config/define-config.js'
import { parseHttpUrl } from '../config/http-url.js'
import { MODES, type Mode } from '../servers/server.js'

/** What a terminal was told. */
export interface InitAnswers {
  readonly config: Config
  readonly format: 'ts' | 'json'
  readonly github: boolean
}

export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  readonly signal?: AbortSignal
}

type Targets = NonNullable<Config['targets']>
type Target = NonNullable<Targets['basic']>
type Kind = 'command' | 'image' | 'url'

const WINDOWS = [
  ['clockSkewSeconds', 'Clock skew that the server may allow, seconds', 60, 0, 600],
  ['revocationSeconds', 'How long it may accept a revoked token, seconds', 300, 1, 3_600],
  ['upstreamTimeoutMs', 'Its longest answer while Nextcloud is silent, ms', 15_000, 100, 600_000],
  ['startupTimeoutMs', 'Its longest start, ms', 15_000, 100, 600_000],
] as const

class Stopped extends Error {}

/**
 * Asks on a terminal what a configuration needs.
 *
 * @returns `undefined` when the person stopped (Ctrl-C, Escape).
 */
export async function askForInit(terminal: Terminal): Promise<InitAnswers | undefined> {
  try {
    return await ask(new Questions(terminal))
  } catch (error) {
    if (error instanceof Stopped) return undefined
    throw error
  }
}

async function ask(questions: Questions): Promise<InitAnswers> {
  const nextcloud = await askForNextcloud(questions)
  const isAttached = nextcloud !== 'embedded' && nextcloud !== 'container'
  const modes = await questions.several<Mode>('Which modes does your server have?', [
    { value: 'basic', label: 'basic', hint: "holds one user's credentials" },
    { value: 'oauth', label: 'oauth', hint: 'takes access tokens of each user' },
  ])
  const targets: { basic?: Target; oauth?: Target } = {}
  for (const mode of modes) targets[mode] = await askForTarget(questions, mode, isAttached)
  const users = isAttached
    ? {
        alice: await questions.line('User id of the first test user', { initial: 'alice' }),
        bob: await questions.line('User id of the second test user', { initial: 'bob' }),
      }
    : {}
  const suite = await questions.several<SuiteName>(
    'Only some suites? (none chosen: all)',
    SUITES.map((value) => ({ value, label: value })),
    false,
  )
  const windows = (await questions.yes('Change the time limits?')) ? await askForWindows(questions) : {}
  const hasBaseline = await questions.yes('Keep a baseline, a file of findings that you accept for now?')
  const format = await questions.one<'ts' | 'json'>('Which kind of configuration file?', [
    { value: 'ts', label: 'TypeScript', hint: 'nc-mcp-conformance.config.ts' },
    { value: 'json', label: 'JSON', hint: 'nc-mcp-conformance.config.json' },
  ])
  const github = await questions.yes('Write a GitHub workflow too?')
  return {
    config: {
      nextcloud,
      ...(modes.length === MODES.length ? {} : { mode: modes[0] }),
      targets,
      ...users,
      ...(suite.length === 0 ? {} : { suite: [...suite] }),
      ...windows,
      ...(hasBaseline ? { baseline: 'nc-mcp-conformance.baseline.json' } : {}),
    },
    format,
    github,
  }
}

async function askForNextcloud(questions: Questions): Promise<string> {
  const kind = await questions.one<'embedded' | 'container' | 'url'>('Which Nextcloud?', [
    { value: 'embedded', label: 'embedded', hint: 'of the toolkit, needs nothing' },
    { value: 'container', label: 'container', hint: 'a real one, needs Docker' },
    { value: 'url', label: 'one that runs' },
  ])
  return kind === 'url'
    ? questions.line('Its address', { initial: 'http://localhost:8080', check: urlProblem })
    : kind
}

async function askForTarget(questions: Questions, mode: Mode, isAttached: boolean): Promise<Target> {
  const kind = await questions.one<Kind>(`How is the server in ${mode} mode reached?`, [
    { value: 'command', label: 'a command starts it' },
    { value: 'image', label: 'an image', hint: 'needs Docker' },
    // A server that runs already uses a Nextcloud of its own.
    ...(isAttached ? [{ value: 'url' as const, label: 'it runs already' }] : []),
  ])
  switch (kind) {
    case 'command':
      return {
        command: await questions.line('The command', { initial: 'node {{cwd}}/server.js --port {{port}}' }),
      }
    case 'image':
      return { image: await questions.line('The image', { placeholder: 'my/server:1.2' }) }
    case 'url':
      return {
        url: await questions.line('Its MCP endpoint', {
          initial: 'http://127.0.0.1:8000/mcp',
          check: urlProblem,
        }),
      }
  }
}

async function askForWindows(
  questions: Questions,
): Promise<Partial<Record<(typeof WINDOWS)[number][0], number>>> {
  const changed: Partial<Record<(typeof WINDOWS)[number][0], number>> = {}
  for (const [key, message, usual, min, max] of WINDOWS) {
    const answer = await questions.line(message, {
      initial: String(usual),
      check: (value) =>
        /^\d{1,6}$/.test(value) && Number(value) >= min && Number(value) <= max
          ? undefined
          : `a whole number from ${min} to ${max}`,
    })
    if (Number(answer) !== usual) changed[key] = Number(answer)
  }
  return changed
}

function urlProblem(value: string): string | undefined {
  try {
    parseHttpUrl(value, 'the address')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

interface LineOptions {
  readonly initial?: string
  readonly placeholder?: string
  /** What is wrong with an answer. */
  readonly check?: (value: string) => string | undefined
}

/** Questions on one terminal. Stopping throws. */
class Questions {
  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async line(message: string, { initial, placeholder, check }: LineOptions): Promise<string> {
    const answer = await text({
      ...this.#terminal,
      message,
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...(placeholder === undefined ? {} : { placeholder }),
      validate: (value = '') => (value.trim() === '' ? 'an answer is needed' : check?.(value.trim())),
    })
    return this.#unlessStopped(answer).trim()
  }

  async one<T extends string>(message: string, options: readonly Choice<T>[]): Promise<T> {
    return this.#unlessStopped(await select({ ...this.#terminal, message, options: options as Option<T>[] }))
  }

  async several<T extends string>(
    message: string,
    options: readonly Choice<T>[],
    required = true,
  ): Promise<readonly T[]> {
    const answer = await multiselect({
      ...this.#terminal,
      message,
      options: options as Option<T>[],
      required,
      initialValues: required ? options.map(({ value }) => value) : [],
    })
    const chosen = this.#unlessStopped(answer)
    return options.map(({ value }) => value).filter((value) => chosen.includes(value))
  }

  async yes(message: string): Promise<boolean> {
    return this.#unlessStopped(await confirm({ ...this.#terminal, message, initialValue: false }))
  }

  #unlessStopped<T>(answer: T): Exclude<T, symbol> {
    if (isCancel(answer)) throw new Stopped()
    return answer as Exclude<T, symbol>
  }
}

interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}
