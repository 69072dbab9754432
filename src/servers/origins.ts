/**
 * The names under which a server may be addressed: protection against DNS rebinding (MCP, Streamable HTTP,
 * Security Warning).
 */
export class AllowedOrigins {
  readonly #hosts = new Set<string>()
  readonly #origins = new Set<string>()

  /**
   * @param port where the server listens; the loopback names with it are allowed.
   * @param publicUrl the configured public endpoint, allowed too.
   */
  constructor(port: number, publicUrl?: string) {
    const urls = ['127.0.0.1', 'localhost', '[::1]'].map((name) => new URL(`http://${name}:${String(port)}`))
    if (publicUrl !== undefined) urls.push(new URL(publicUrl))
    for (const url of urls) {
      this.#hosts.add(url.host)
      this.#origins.add(url.origin)
    }
  }

  allowsHost(host: string | undefined): boolean {
    return host !== undefined && this.#hosts.has(host.toLowerCase())
  }

  /** No Origin passes: only browsers send one. */
  allowsOrigin(origin: string | undefined): boolean {
    return origin === undefined || this.#origins.has(origin)
  }
}
