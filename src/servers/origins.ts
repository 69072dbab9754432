const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

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
    const urls = loopbackUrls(port)
    if (publicUrl !== undefined) {
      const url = new URL(publicUrl)
      urls.push(url)
      // A port of this machine that leads to us, as a container's does: all its loopback names mean the same.
      if (LOOPBACK_NAMES.includes(url.hostname) && url.port !== '') urls.push(...loopbackUrls(url.port))
    }
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

function loopbackUrls(port: number | string): URL[] {
  return LOOPBACK_NAMES.map((name) => new URL(`http://${name}:${String(port)}`))
}
