/** What mutants must know about the requests of one server to its Nextcloud. */
export class Upstream {
  /** Whether Nextcloud has ever answered; `s-start-traceback` dies before that. */
  wasReached = false
  #inFlight = 0
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Makes a request; with `s-blocks-event-loop` it waits for those that are under way.
   *
   * @param isOn asked where there is another request to wait for.
   */
  async take<T>(request: () => Promise<T>, isOn: () => boolean): Promise<T> {
    this.#inFlight += 1
    const before = this.#last
    const answer = this.#inFlight > 1 && isOn() ? before.then(request) : request()
    this.#last = Promise.allSettled([before, answer])
    return answer.finally(() => {
      this.#inFlight -= 1
    })
  }
}

const upstreams = new WeakMap<object, Upstream>()

/** The upstream of one server, which is known by any object that is its own. */
export function upstreamOf(server: object): Upstream {
  const upstream = upstreams.get(server) ?? new Upstream()
  upstreams.set(server, upstream)
  return upstream
}
