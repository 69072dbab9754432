import type { Bindings } from './replay-bindings.js'
import type { Difference } from './replay-compare.js'

type Jar = Map<string, string>

/** Cookies are instance-specific in one name only: the session cookie is called after the instance id. */
function commonName(name: string): string {
  return /^oc[a-z0-9]{10}$/.test(name) ? 'session' : name
}

function sentJar(header: string | undefined): Jar {
  const pairs = (header ?? '').split('; ').filter((pair) => pair !== '')
  return new Map(pairs.map((pair) => [commonName(nameOf(pair)), valueOf(pair)]))
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf('='))
}

function valueOf(pair: string): string {
  return pair.slice(pair.indexOf('=') + 1)
}

function jarAfter(before: Jar, lines: readonly string[]): Jar {
  const after = new Map(before)
  for (const line of lines) {
    const [pair = ''] = line.split(';')
    if (valueOf(pair) === 'deleted') after.delete(commonName(nameOf(pair)))
    else after.set(commonName(nameOf(pair)), valueOf(pair))
  }
  return after
}

/** What the answer did to the jar: cookies that came, changed or went. */
function effects(before: Jar, after: Jar): string {
  const names = new Set([...before.keys(), ...after.keys()])
  return Array.from(names)
    .map((name) => {
      const [old, fresh] = [before.get(name), after.get(name)]
      if (old === fresh) return ''
      return `${old === undefined ? '+' : fresh === undefined ? '-' : '~'}${name}`
    })
    .filter((effect) => effect !== '')
    .sort()
    .join(' ')
}

/** The session cookie's name is bound with the first answer that sets it. */
function bindSessionName(bindings: Bindings, recorded: readonly string[], live: readonly string[]): void {
  const [recordedName, liveName] = [recorded, live].map((lines) =>
    lines.map(nameOf).find((name) => commonName(name) === 'session'),
  )
  if (recordedName !== undefined && liveName !== undefined) bindings.bind(recordedName, liveName)
}

/** Compares what both answers did to the cookies, and binds recorded cookie values to live ones. */
export function compareCookies(
  bindings: Bindings,
  sent: { readonly recorded: string | undefined; readonly live: string | undefined },
  set: { readonly recorded: readonly string[]; readonly live: readonly string[] },
): Difference[] {
  bindSessionName(bindings, set.recorded, set.live)
  const recordedBefore = sentJar(sent.recorded)
  const liveBefore = sentJar(sent.live)
  const recordedAfter = jarAfter(recordedBefore, set.recorded)
  const liveAfter = jarAfter(liveBefore, set.live)
  for (const [name, value] of recordedAfter) {
    const live = liveAfter.get(name)
    if (live !== undefined && value !== 'true' && value.length > 8) bindings.bind(value, live)
  }
  const expected = effects(recordedBefore, recordedAfter)
  const actual = effects(liveBefore, liveAfter)
  return expected === actual ? [] : [{ path: 'cookies', expected, actual }]
}
