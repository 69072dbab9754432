import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { fetchDiscoveryDocument, fetchDocument } from '../support/discovery-document.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'

const MIN_MODULUS_BITS = 2048
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

type Key = Readonly<Record<string, unknown>>

/** Servers verify tokens with what stands here, and with nothing else. */
export const jwksShape = defineCheck({
  id: 'discovery.jwks.shape',
  suite: 'discovery',
  title: 'The key set holds usable public keys for signatures, and nothing private',
  level: 'MUST',
  source: [
    { document: 'RFC7517', clause: '5' },
    { document: 'RFC7517', clause: '4' },
    { document: 'RFC7518', clause: '3.3' },
    { document: 'RFC7518', clause: '6.3.1' },
    { document: 'OIDC-Discovery', clause: '3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-jwks-private-member' }],
  async run(ctx) {
    const { members } = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const url = members['jwks_uri']
    if (typeof url !== 'string' || !URL.canParse(url)) return notTestable('no jwks_uri is advertised')
    const { status, members: set } = await fetchDocument(ctx, url)
    const keys = set?.['keys']
    if (status !== 200 || !Array.isArray(keys) || !keys.every(isJsonObject)) {
      return judge([
        {
          id: 'not-a-key-set',
          message: 'jwks_uri does not lead to a JSON Web Key Set',
          expected: '200 with an object that has a list of keys',
          observed: status,
        },
      ])
    }
    const findings = new Findings()
    for (const [index, key] of keys.entries()) {
      for (const finding of judgeKey(ctx, key, keys.length)) {
        findings.add({ ...finding, observed: { key: index + 1, saw: finding.observed } })
      }
    }
    for (const finding of judgeSet(keys)) findings.add(finding)
    return judge(findings.list(), keys.map(describe))
  },
})

function judgeKey(ctx: Pick<CheckContext, 'secret'>, key: Key, keys: number): Finding[] {
  const findings: Finding[] = []
  const exposed = PRIVATE_MEMBERS.filter((name) => key[name] !== undefined)
  for (const name of exposed) ctx.secret('private_key', String(key[name]))
  if (exposed.length > 0) {
    findings.push({
      id: 'private-member-published',
      message: 'a private or symmetric key is published: whoever reads it can sign tokens',
      expected: 'public members only',
      observed: exposed,
    })
  }
  const needed = key['kty'] === 'RSA' ? ['kty', 'n', 'e'] : ['kty']
  const missing = needed.filter((name) => typeof key[name] !== 'string' || key[name] === '')
  if (missing.length > 0) {
    findings.push({
      id: 'member-missing',
      message: 'a key lacks a member that its type needs',
      expected: needed,
      observed: missing,
    })
  }
  const bits = modulusBits(key)
  if (bits !== undefined && bits < MIN_MODULUS_BITS) {
    findings.push({
      id: 'modulus-too-short',
      message: 'an RSA key is too short to sign with',
      expected: `at least ${MIN_MODULUS_BITS} bits`,
      observed: bits,
    })
  }
  // With a single key there is nothing to tell apart.
  if (typeof key['kid'] !== 'string') {
    findings.push({
      id: 'kid-missing',
      message: 'a key has no kid',
      observed: 'absent',
      ...(keys > 1 ? {} : { level: 'SHOULD' as const }),
    })
  }
  if (key['use'] === undefined && key['key_ops'] === undefined) {
    findings.push({
      id: 'purpose-missing',
      level: 'SHOULD',
      message: 'a key does not say what it is for',
      expected: 'use or key_ops',
      observed: 'absent',
    })
  }
  return findings
}

function judgeSet(keys: readonly Key[]): Finding[] {
  const findings: Finding[] = []
  const isSigning = ({ use, key_ops: operations }: Key): boolean =>
    use === undefined && operations === undefined
      ? true
      : use === 'sig' || (Array.isArray(operations) && operations.includes('verify'))
  if (!keys.some((key) => key['kty'] === 'RSA' && isSigning(key))) {
    findings.push({
      id: 'no-signing-key',
      message: 'there is no RSA key for signatures, which RS256 needs',
      observed: keys.map(describe),
    })
  }
  const ids = keys.map((key) => key['kid']).filter((kid) => kid !== undefined)
  if (new Set(ids).size < ids.length) {
    findings.push({
      id: 'kid-repeats',
      level: 'SHOULD',
      message: 'two keys have the same kid',
      observed: ids,
    })
  }
  return findings
}

/** `undefined` for keys without a readable modulus. */
function modulusBits({ kty, n }: Key): number | undefined {
  if (kty !== 'RSA' || typeof n !== 'string') return undefined
  const bytes = Buffer.from(n, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  if (first === -1) return undefined
  return (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0))
}

function describe(key: Key): Readonly<Record<string, unknown>> {
  const { kty, use, key_ops: operations, alg, kid } = key
  return { kty, use, key_ops: operations, alg, kid, bits: modulusBits(key) }
}
