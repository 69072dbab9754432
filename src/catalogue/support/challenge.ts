/** The `Bearer` challenge of a `WWW-Authenticate` header. */
export interface BearerChallenge {
  /** By lower-case name. A repeated parameter keeps its first value. */
  readonly parameters: ReadonlyMap<string, ChallengeParameter>
  /** Lower-case names of parameters that come more than once. */
  readonly repeated: readonly string[]
}

export interface ChallengeParameter {
  readonly value: string
  /** Whether it was sent as quoted-string. */
  readonly quoted: boolean
}

const SCHEME = /(?:^|,)\s*bearer(?=[\s,]|$)/i
const PARAMETER = /[\s,]*([!#$%&'*+.^`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y

/** Reads the first `Bearer` challenge (RFC 9110 §11.6.1); `undefined` when the header has none. */
export function parseBearerChallenge(header: string | null): BearerChallenge | undefined {
  const scheme = SCHEME.exec(header ?? '')
  if (header === null || scheme === null) return undefined
  const parameters = new Map<string, ChallengeParameter>()
  const repeated = new Set<string>()
  PARAMETER.lastIndex = scheme.index + scheme[0].length
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    const [, name = '', quoted, plain = ''] = match
    const key = name.toLowerCase()
    if (parameters.has(key)) {
      repeated.add(key)
      continue
    }
    parameters.set(key, {
      value: quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'),
      quoted: quoted !== undefined,
    })
  }
  return { parameters, repeated: [...repeated] }
}
