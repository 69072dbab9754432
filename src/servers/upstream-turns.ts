/** What `s-blocks-event-loop` does: requests to Nextcloud that are made at the same time wait for each other. */
export class UpstreamTurns {
  #inFlight = 0
  #last: Promise<unknown> = Promise.resolve()

  /** @param isOn asked where there is another request to wait for. */
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

const turnsByServer = new WeakMap<object, UpstreamTurns>()

/** The turns of one server, which is known by any object that is its own. */
export function upstreamTurnsOf(server: object): UpstreamTurns {
  const turns = turnsByServer.get(server) ?? new UpstreamTurns()
  turnsByServer.set(server, turns)
  return turns
}
