import { fork, type ChildProcess } from 'node:child_process'
import type { Mutant } from '../catalogue/check.js'
import { HarnessError } from '../errors.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { packageFile } from '../package-root.js'
import type { CellVerdict } from './catalogue-verdicts.js'

export interface VerdictsRequest {
  readonly id: number
  readonly mutants: readonly Mutant[]
  readonly profile: ProfileName
}

export type VerdictsResponse =
  | { readonly id: number; readonly verdicts: readonly CellVerdict[] }
  | { readonly id: number; readonly failure: string }

/** Processes that run the catalogue for the self-test, one request at a time each. */
export class SelfTestPool implements AsyncDisposable {
  readonly #idle: ChildProcess[]
  readonly #all: readonly ChildProcess[]
  readonly #waiting: ((child: ChildProcess) => void)[] = []
  #nextId = 1

  /** @param size processes at the same time. */
  constructor(size: number) {
    const worker = packageFile('dist/src/engine/self-test-worker.js')
    this.#all = Array.from({ length: size }, () =>
      fork(worker, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] }),
    )
    this.#idle = [...this.#all]
  }

  /** @throws {HarnessError} `NCMC_INTERNAL` when the process fails or stops. */
  async verdicts(mutants: readonly Mutant[], profile: ProfileName): Promise<readonly CellVerdict[]> {
    const child =
      this.#idle.pop() ?? (await new Promise<ChildProcess>((resolve) => this.#waiting.push(resolve)))
    try {
      return await ask(child, { id: this.#nextId++, mutants, profile })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#idle.push(child)
      else next(child)
    }
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
}

function ask(child: ChildProcess, request: VerdictsRequest): Promise<readonly CellVerdict[]> {
  return new Promise((resolve, reject) => {
    const settle = (response: VerdictsResponse): void => {
      if (response.id !== request.id) return
      child.off('message', settle).off('exit', onExit)
      if ('verdicts' in response) resolve(response.verdicts)
      else
        reject(
          new HarnessError(
            'NCMC_INTERNAL',
            `the self-test failed on ${request.mutants.join()}: ${response.failure}`,
          ),
        )
    }
    const onExit = (): void => {
      child.off('message', settle)
      reject(
        new HarnessError('NCMC_INTERNAL', `a process of the self-test stopped on ${request.mutants.join()}`),
      )
    }
    child.on('message', settle).once('exit', onExit)
    child.send(request)
  })
}
