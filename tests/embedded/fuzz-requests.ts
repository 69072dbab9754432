import fc from 'fast-check'
import { expect } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, ORIGIN } from './core-visitor.js'

/** A word in everything that bob has; alice must never get to see it. */
export const BOBS_WORD = 'bobs-hush'

export interface FuzzRequest {
  readonly method: string
  /** Path with query, percent-encoded. */
  readonly path: string
  readonly body: string | undefined
  readonly contentType: string
}

export interface FuzzAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const ODD_IDS = [
  '0',
  '-1',
  '1.5',
  '1e3',
  '1e308',
  '9'.repeat(30),
  'abc',
  'null',
  'true',
  ' 1',
  '%00',
  '%',
  '%E0%A4%A',
  '..',
  '../..',
  "1' OR 1=1",
  '漢字',
  '\u202e1',
  '👩‍👩‍👧',
  'x'.repeat(3_000),
  'archived',
  'scheme',
]

/** An id for a path: one that exists, alice's or bob's, or an odd one. */
function pathIds(known: readonly number[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...(known.length === 0 ? [0] : known).map(String)) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_IDS).map(encodeURIComponent) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map(safeSegment) },
  )
}

/** Unpaired surrogates cannot be in a URL at all. */
function safeSegment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e308,
  -0,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  'false',
  'soon',
  '2024-02-30',
  '\u0000',
  '<b>"&',
  [],
  {},
  [[]],
  { a: { b: [1] } },
  'x'.repeat(20_000),
  '9'.repeat(400),
]

/** Values of every JSON type, the extreme ones of each, and ids that exist. */
function oddValues(known: readonly number[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<unknown>(...known) },
    { weight: 4, arbitrary: fc.constantFrom(...ODD_VALUES) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )
}

/** What a route takes and how it is called. */
export interface FuzzRoute {
  readonly methods: readonly string[]
  /** Holes such as `{row}` become ids of that kind. */
  readonly path: string
  /** A body that the route takes. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** Ids that exist, alice's and bob's, by kind. */
export type KnownIds = Readonly<Record<string, readonly number[]>>

/** One or two members. */
function members(
  names: fc.Arbitrary<string>,
  values: fc.Arbitrary<unknown>,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc
    .array(fc.tuple(names, values), { minLength: 1, maxLength: 2 })
    .map((pairs) => Object.fromEntries(pairs))
}

/** Bodies: the right one, the right one with odd members, odd ones, deep ones, and what is no JSON. */
function bodies(right: Readonly<Record<string, unknown>>, ids: KnownIds): fc.Arbitrary<string | undefined> {
  const known = Object.values(ids).flat()
  const names = [...Object.keys(right), 'title']
  const values = oddValues(known)
  const odd = members(fc.constantFrom(...names, ...names, ...names, '__proto__'), values)
  const keys = fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...(ids['column'] ?? known).map(String)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
  )
  const cells = members(keys, values).map((data) => ({ ...right, data }))
  const deep = fc
    .tuple(fc.constantFrom(...names), fc.integer({ min: 600, max: 20_000 }))
    .map(([name, depth]) => `{"${name}":${'['.repeat(depth)}${']'.repeat(depth)}}`)
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(JSON.stringify(right)) },
    { weight: 8, arbitrary: odd.map((changes) => JSON.stringify({ ...right, ...changes })) },
    { weight: 'data' in right ? 6 : 1, arbitrary: cells.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: values.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: fc.constantFrom('{', '{"data":', '[1,2', '\ufeff{}', '{"title":"\\ud800"}', '') },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

/** Requests to routes: mostly well-formed ones with one thing odd. */
export function fuzzRequests(routes: readonly FuzzRoute[], known: KnownIds): fc.Arbitrary<FuzzRequest> {
  return fc.constantFrom(...routes).chain(({ methods, path, body = {} }) => {
    const kinds = Array.from(path.matchAll(/\{(\w+)\}/g), ([, kind = '']) => kind)
    const names = [...Object.keys(body), 'limit', 'offset']
    const query = fc
      .dictionary(fc.constantFrom(...names), fc.constantFrom('', '0', '-1', '1e9', 'x', '[]', '%'), {
        maxKeys: 2,
      })
      .map((pairs) => (Object.keys(pairs).length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`))
    return fc.record({
      method: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...methods) },
        { weight: 1, arbitrary: fc.constantFrom('POST', 'PUT', 'PATCH', 'OPTIONS') },
      ),
      path: fc
        .tuple(fc.tuple(...kinds.map((kind) => pathIds(known[kind] ?? []))), query)
        .map(([ids, end]) => path.replaceAll(/\{\w+\}/g, () => ids.shift() ?? '') + end),
      body: bodies(body, known),
      contentType: fc.oneof(
        { weight: 9, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=x',
            'text/plain',
          ),
        },
      ),
    })
  })
}

/** Two embedded Nextclouds with the same content, which get the same requests: one strict, one as recorded. */
export class FuzzClouds {
  readonly strict: EmbeddedNextcloud
  readonly recorded: EmbeddedNextcloud

  private constructor(strict: EmbeddedNextcloud, recorded: EmbeddedNextcloud) {
    this.strict = strict
    this.recorded = recorded
  }

  static async start(): Promise<FuzzClouds> {
    return new FuzzClouds(
      await startEmbeddedNextcloud({ profile: 'strict' }),
      await startEmbeddedNextcloud({ profile: 'oidc-2.0.9' }),
    )
  }

  async stop(): Promise<void> {
    await this.strict.stop()
    await this.recorded.stop()
  }

  /** Makes something as a user on both and returns its id, which is the same. */
  async make(user: 'alice' | 'bob', path: string, json: unknown): Promise<number> {
    const request = {
      method: 'POST',
      path,
      body: JSON.stringify(json),
      contentType: 'application/json',
    }
    const ids = [this.strict, this.recorded].map(async (cloud) => {
      const { text } = await ask(cloud, user, request)
      return (JSON.parse(text) as { id: number }).id
    })
    const [id = 0, other] = await Promise.all(ids)
    expect(id).toBe(other)
    return id
  }

  /** What bob sees at a path, on both. */
  async seenByBob(path: string): Promise<string[]> {
    const request = { method: 'GET', path, body: undefined, contentType: '' }
    const answers = await Promise.all([this.strict, this.recorded].map((cloud) => ask(cloud, 'bob', request)))
    return answers.map(({ status, text }) => `${status} ${text}`)
  }

  /**
   * Sends a request as alice to both. Neither may show bob's data; the strict one may never answer with 5xx, the
   * other one only where it is known to.
   *
   * @param isKnown whether the 5xx is one that recordings show
   */
  async check(
    request: FuzzRequest,
    isKnown: (request: FuzzRequest, recorded: FuzzAnswer) => boolean,
  ): Promise<void> {
    const strict = await ask(this.strict, 'alice', request)
    const recorded = await ask(this.recorded, 'alice', request)
    expect(strict.status).toBeLessThan(500)
    for (const { text, contentType } of [strict, recorded]) {
      expect(text).not.toContain(BOBS_WORD)
      if (contentType.startsWith('application/json') && text !== '') JSON.parse(text)
    }
    if (recorded.status < 500) return
    expect([400, 404]).toContain(strict.status)
    const isTypeError = recorded.text.includes('<h2>Internal Server Error') && isWrongType(strict)
    expect(isTypeError || isKnown(request, recorded), recorded.text).toBe(true)
  }
}

/** A parameter of the wrong type is the page with status 500 in recordings (02). */
function isWrongType({ status, text }: FuzzAnswer): boolean {
  return status === 400 && text.includes('has the wrong type')
}

async function ask(
  cloud: EmbeddedNextcloud,
  user: 'alice' | 'bob',
  { method, path, body, contentType }: FuzzRequest,
): Promise<FuzzAnswer> {
  const { userId, password } = cloud.users[user]
  const response = await cloud.app.request(ORIGIN + path, {
    method,
    headers: {
      ...basic(userId, password),
      'ocs-apirequest': 'true',
      accept: 'application/json',
      ...(contentType === '' ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined || method === 'GET' ? {} : { body }),
  })
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}
