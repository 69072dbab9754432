/**
 * Whether a redirect_uri is the registered one, character by character; of loopback URIs the port may differ
 * (RFC 8252 7.3, RFC 9700 2.1).
 */
export function equalsButLoopbackPort(registered: string, requested: string): boolean {
  if (registered === requested) return true
  const [known, asked] = [registered, requested].map(withoutLoopbackPort)
  return known !== undefined && known === asked
}

/** The URI with a fixed port, or `undefined` when it is no plain http URI of this host. */
function withoutLoopbackPort(uri: string): string | undefined {
  const parts = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?((?:[/?].*)?)$/.exec(uri)
  return parts === null ? undefined : `http://${parts[1] ?? ''}:0${parts[2] ?? ''}`
}
