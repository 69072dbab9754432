/**
 * Why a text is no resource indicator (RFC 8707 2: an absolute URI without a fragment), or `undefined` when it is one.
 * Which resources exist is not known to an authorization server with dynamic clients, so every indicator is accepted.
 */
export function invalidResourceReason(resource: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(resource) || !URL.canParse(resource) || /[\s"<>\\^`{|}]/.test(resource)) {
    return 'The resource is not an absolute URI.'
  }
  return resource.includes('#') ? 'The resource must not have a fragment.' : undefined
}
