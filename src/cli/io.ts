/** Where a command writes to. */
export interface OutputStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** What a command sees of its process. */
export interface CliIo {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly stdin: { readonly isTTY?: boolean }
  readonly cwd: string
  /** Aborted by the first Ctrl-C (SIGINT, SIGTERM, SIGHUP): commands then clean up and return. */
  readonly signal: AbortSignal
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Resolves once the signal is aborted. The process stays for it, even when nothing else keeps it. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const stay = setInterval(() => undefined, LONGEST_TIMER_MS)
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(stay)
        resolve()
      },
      { once: true },
    )
  })
}
