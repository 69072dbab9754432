export interface BasicCredentials {
  readonly userId: string
  readonly password: string
}

/** The bearer token of an Authorization header value, in the two spellings that user_oidc accepts. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^[Bb]earer (.+)$/.exec(authorization ?? '')?.[1]
}

/** User and password of a Basic Authorization header value. */
export function basicCredentials(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { userId: text.slice(0, colon), password: text.slice(colon + 1) }
}
