/** Which live value stands for which recorded random value, as they turn up in answers. */
export class Bindings {
  readonly #live = new Map<string, string>()
  #pattern: RegExp | undefined

  bind(recorded: string, live: string): void {
    if (recorded === '' || recorded === live) return
    this.#live.set(recorded, live)
    this.#live.set(encodeURIComponent(recorded), encodeURIComponent(live))
    this.#pattern = undefined
  }

  has(recorded: string): boolean {
    return this.#live.has(recorded)
  }

  get(recorded: string): string | undefined {
    return this.#live.get(recorded)
  }

  /** The recorded text with every bound value replaced, also in its percent-encoded form. */
  substitute(text: string): string {
    if (this.#live.size === 0) return text
    this.#pattern ??= new RegExp(
      `(?:${Array.from(this.#live.keys())
        .sort((a, b) => b.length - a.length)
        .map((key) => key.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
        .join('|')})(?![A-Za-z0-9])`,
      'g',
    )
    return text.replace(this.#pattern, (match) => this.#live.get(match) ?? match)
  }

  /** A request header with its bound values replaced, inside Basic credentials too. */
  substituteHeader(name: string, value: string): string {
    const basic = name === 'authorization' ? /^Basic (.+)$/.exec(value)?.[1] : undefined
    if (basic === undefined) return this.substitute(value)
    const text = this.substitute(Buffer.from(basic, 'base64').toString('utf8'))
    return `Basic ${Buffer.from(text).toString('base64')}`
  }
}
