import { fork, type ChildProcess } from 'node:child_process'
import type { Mutant } from '../catalogue/check.js'
import { HarnessError } from '../errors.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { packageFile } from '../package-root.js'
import type { CellKey, CellVerdict, ObservedCell } from './catalogue-verdicts.js'

export type SelfTestWork =
  | {
      readonly kind: 'observed'
      readonly cell: CellKey
      readonly profile: ProfileName
      readonly mutants: readonly Mutant[]
    }
  | {
      readonly kind: 'mutants'
      readonly mutants: readonly Mutant[]
      readonly profile: ProfileName
      readonly cells: readonly CellKey[]
    }

export type SelfTestAnswer =
  | { readonly observed: ObservedCell }
  | { readonly verdicts: readonly CellVerdict[] }
  | { readonly failure: string }

export interface SelfTestRequest {
  readonly id: number
  readonly work: SelfTestWork
}

export type SelfTestResponse = SelfTestAnswer & { readonly id: number }

/** Processes that run cells for the self-test, one piece of work at a time each. */
export class SelfTestPool implements AsyncDisposable {
  readonly #idle: ChildProcess[]
  readonly #all: readonly ChildProcess[]
  readonly #waiting: ((child: ChildProcess) => void)[] = []
  #nextId = 1

  /** @param size processes at the same time. */
  constructor(size: number) {
    const worker = packageFile('dist/src/engine/self-test-worker.js')
    this.#all = Array.from({ length: size }, () =>
      fork(worker, {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        // A mutant that polls without a pause is no leak of ours.
        execArgv: ['--disable-warning=MaxListenersExceededWarning'],
      }),
    )
    this.#idle = [...this.#all]
  }

  /**
   * One cell on a stack of its own with these mutants on, and which mutants were asked about.
   *
   * @throws {HarnessError} `NCMC_INTERNAL` when the process fails or stops.
   */
  async observed(cell: CellKey, profile: ProfileName, mutants: readonly Mutant[]): Promise<ObservedCell> {
    const answer = await this.#do({ kind: 'observed', cell, profile, mutants })
    if ('observed' in answer) return answer.observed
    throw failed(`${cell.check} [${cell.mode}]`, answer)
  }

  /**
   * Cells under mutants. Throws like `observed`.
   */
  async verdicts(
    mutants: readonly Mutant[],
    profile: ProfileName,
    cells: readonly CellKey[],
  ): Promise<readonly CellVerdict[]> {
    const answer = await this.#do({ kind: 'mutants', mutants, profile, cells })
    if ('verdicts' in answer) return answer.verdicts
    throw failed(mutants.join(), answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#all.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        await ended
      }),
    )
  }

  async #do(work: SelfTestWork): Promise<SelfTestAnswer> {
    const child =
      this.#idle.pop() ?? (await new Promise<ChildProcess>((resolve) => this.#waiting.push(resolve)))
    try {
      return await ask(child, { id: this.#nextId++, work })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#idle.push(child)
      else next(child)
    }
  }
}

function ask(child: ChildProcess, request: SelfTestRequest): Promise<SelfTestAnswer> {
  return new Promise((resolve) => {
    const onMessage = (response: SelfTestResponse): void => {
      if (response.id !== request.id) return
      child.off('message', onMessage).off('exit', onExit)
      resolve(response)
    }
    const onExit = (): void => {
      child.off('message', onMessage)
      resolve({ failure: 'its process stopped' })
    }
    child.on('message', onMessage).once('exit', onExit)
    child.send(request)
  })
}

function failed(what: string, answer: SelfTestAnswer): HarnessError {
  const reason = 'failure' in answer ? answer.failure : 'an answer to another question'
  return new HarnessError('NCMC_INTERNAL', `the self-test failed on ${what}: ${reason}`)
}
