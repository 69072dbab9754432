import type { Bindings } from './replay-bindings.js'
import type { Difference } from './replay-compare.js'
import { bindId, idKind } from './replay-ids.js'

/** Members whose values are random; the live one must have the shape and is bound to the recorded one. */
const RANDOM_MEMBERS: Readonly<Record<string, RegExp>> = {
  client_id: /^[A-Za-z0-9]{64}$/,
  client_secret: /^[A-Za-z0-9]{64}$/,
  registration_access_token: /^[A-Za-z0-9]{64}$/,
  access_token: /^[A-Za-z0-9]{72}$/,
  refresh_token: /^[A-Za-z0-9]{128}$/,
  kid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  n: /^[A-Za-z0-9_-]{300,}$/,
  etag: /^[0-9a-f]{32}$/,
  jti: /^\d+$/,
  // Deck's tags of what never changed are always the same: MD5 of nothing and of 0.
  ETag: /^(?!d41d8cd98f00b204e9800998ecf8427e|cfcd208495d565ef66e7dff9f98764da)[0-9a-f]{32}$/,
  requestId: /^[A-Za-z0-9]{20}$/,
  createdAt: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
  lastEditAt: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
  token: /^[A-Za-z0-9]{128}$/,
  appPassword: /^[A-Za-z0-9]{72}$/,
}

/** Members that tell a time, in seconds unless they say otherwise; only their distances can be compared. */
const TIME_MEMBERS = new Set([
  'client_id_issued_at',
  'client_secret_expires_at',
  'exp',
  'iat',
  'nbf',
  'auth_time',
  'updated_at',
  'modified',
  'firstLoginTimestamp',
  'lastLoginTimestamp',
  'lastLogin',
  'lastModified',
  'createdAt',
  'deletedAt',
])
/** The link of a Login Flow v2, random in its last segment. */
const LOGIN_LINK = /^(http:\S+\/login\/v2\/flow\/)([A-Za-z0-9]{128})$/
const DISTANCES = [
  ['client_id_issued_at', 'client_secret_expires_at'],
  ['iat', 'exp'],
] as const

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function differs(path: string, expected: unknown, actual: unknown): Difference[] {
  return [{ path, expected: JSON.stringify(expected), actual: JSON.stringify(actual) }]
}

/**
 * Compares two JSON values member by member; the order of members does not count, that of lists does.
 *
 * @param resource what the request was about: its path, which tells whose `id` an answer shows
 */
export function compareJson(
  bindings: Bindings,
  path: string,
  recorded: unknown,
  live: unknown,
  resource = '',
): Difference[] {
  if (isObject(recorded) && isObject(live)) return compareObjects(bindings, path, recorded, live, resource)
  if (Array.isArray(recorded) && Array.isArray(live) && recorded.length === live.length) {
    return recorded.flatMap((item, index) =>
      compareJson(bindings, `${path}[${index}]`, item, live[index], resource),
    )
  }
  const name = path.slice(path.lastIndexOf('.') + 1)
  if (typeof recorded === 'string' && typeof live === 'string') {
    return compareTexts(bindings, path, name, recorded, live)
  }
  if (typeof recorded === 'number' && typeof live === 'number') {
    if (TIME_MEMBERS.has(name) && live > 1_500_000_000 && recorded > 1_500_000_000) return []
    const kind = idKind(resource + path)
    if (kind !== undefined) return compareIds(bindings, path, kind, recorded, live)
  }
  return JSON.stringify(recorded) === JSON.stringify(live) ? [] : differs(path, recorded, live)
}

function compareObjects(
  bindings: Bindings,
  path: string,
  recorded: JsonObject,
  live: JsonObject,
  resource: string,
): Difference[] {
  const names = Array.from(new Set([...Object.keys(recorded), ...Object.keys(live)]))
  // Random members first, so that they are bound where a text quotes them.
  names.sort((a, b) => Number(b in RANDOM_MEMBERS) - Number(a in RANDOM_MEMBERS))
  const differences = names.flatMap((name) => {
    const member = `${path}.${name}`
    if (!(name in live)) return differs(member, recorded[name], undefined)
    if (!(name in recorded)) return differs(member, undefined, live[name])
    return compareJson(bindings, member, recorded[name], live[name], resource)
  })
  for (const [from, to] of DISTANCES) {
    const [expected, actual] = [recorded, live].map((object) => Number(object[to]) - Number(object[from]))
    if (!Object.is(expected, actual)) differences.push(...differs(`${path}.${to}-${from}`, expected, actual))
  }
  return differences
}

function compareTexts(
  bindings: Bindings,
  path: string,
  name: string,
  recorded: string,
  live: string,
): Difference[] {
  const expected = bindings.substitute(recorded)
  if (expected === live) return []
  const [recordedLink, liveLink] = [recorded, live].map((text) => LOGIN_LINK.exec(text))
  if (recordedLink?.[2] !== undefined && liveLink?.[2] !== undefined) {
    bindings.bind(recordedLink[2], liveLink[2])
    return recordedLink[1] === liveLink[1] ? [] : differs(path, recorded, live)
  }
  const [recordedParts, liveParts] = [recorded.split('.'), live.split('.')]
  if (!bindings.has(recorded)) {
    if (recordedParts.length === 3 && liveParts.length === 3 && /_token$/.test(name)) {
      bindings.bind(recorded, live)
      return ['header', 'payload'].flatMap((part, index) =>
        compareJson(bindings, `${path}.${part}`, decoded(recordedParts[index]), decoded(liveParts[index])),
      )
    }
    const shape = RANDOM_MEMBERS[name]
    if (shape?.test(recorded) === true && shape.test(live)) {
      if (name !== 'jti') bindings.bind(recorded, live)
      return []
    }
  }
  return differs(path, expected, live)
}

function decoded(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
}

/** Ids are counted by the instance; the live one stands for the recorded one from its first appearance on. */
function compareIds(
  bindings: Bindings,
  path: string,
  kind: string,
  recorded: number,
  live: number,
): Difference[] {
  const expected = bindId(bindings, kind, recorded, live)
  return expected === live ? [] : differs(path, expected, live)
}
