const POLL_MS = 25
const ANSWER_MS = 2_000

/** Resolves once any HTTP answer comes from the URL, or the signal is aborted. */
export async function whenAnswering(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      (response) => response.body?.cancel().then(() => true) ?? true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
