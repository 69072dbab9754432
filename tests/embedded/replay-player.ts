import { fileTreeOf } from '../../src/nextcloud/embedded/file-tree.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { PROFILE_NAMES, type ProfileName } from '../../src/nextcloud/embedded/profiles.js'
import { Bindings } from './replay-bindings.js'
import { compareAnswers, type Difference } from './replay-compare.js'
import { compareCookies } from './replay-cookies.js'
import { readRecording, type Exchange } from './replay-recording.js'

const ORIGIN = 'http://localhost:8080'

/** The people of the recorded instance. */
const USERS: NonNullable<EmbeddedOptions['users']> = ['Alice', 'Bob'].map((displayName) => {
  const userId = displayName.toLowerCase()
  return { userId, displayName, password: `${userId}Pass123`, email: `${userId}@example.com` }
})

export interface Scenario {
  readonly file: string
  /** How the recorded instance was configured. */
  readonly options?: EmbeddedOptions
  /** Recordings whose clients, tokens and cookies this one goes on with. */
  readonly after?: readonly string[]
  /** A recording with the same steps on the tokens of `after`, where this one has tokens of its own. */
  readonly tokensLike?: string
  /** What alice has at the beginning: path to size in bytes; a path with a slash at its end is a folder. */
  readonly files?: Readonly<Record<string, number>>
  /**
   * Where the recording goes on with another take of `after`: the start of a value in it to the start of the value in
   * `after` that stands for it.
   */
  readonly standsFor?: Readonly<Record<string, string>>
  /** Seconds by which the instance's clock is moved before the step of that index; `all` before every step. */
  readonly waitSeconds?: Readonly<Record<number, number>> | { readonly all: number }
}

/** Replays a scenario on a fresh embedded Nextcloud and returns the differences of each step. */
export async function playScenario(scenario: Scenario): Promise<Difference[][]> {
  const startedMs = Date.now()
  await using nextcloud = await startEmbeddedNextcloud({
    profile: profileOf(scenario.file),
    consent: false,
    users: USERS,
    // Time stands still but for the scenario's waits, so that no step crosses a second by chance.
    realNowMs: () => startedMs,
    ...scenario.options,
  })
  makeFiles(nextcloud, scenario.files ?? {})
  const bindings = new Bindings()
  for (const file of scenario.after ?? []) await play(nextcloud, bindings, readRecording(file), {})
  const exchanges = readRecording(scenario.file)
  bindStandIns(bindings, exchanges, scenario)
  if (scenario.tokensLike !== undefined) bindTokens(bindings, exchanges, readRecording(scenario.tokensLike))
  return await play(nextcloud, bindings, exchanges, scenario.waitSeconds ?? {})
}

function makeFiles({ context }: EmbeddedNextcloud, files: NonNullable<Scenario['files']>): void {
  const tree = fileTreeOf(context, 'alice')
  for (const [path, bytes] of Object.entries(files)) {
    const names = path.split('/')
    const name = names.pop() ?? ''
    const folder = tree.ensureFolder(tree.root, names, context.clock.nowSeconds())
    if (name !== '') tree.write(folder!, name, Buffer.alloc(bytes), context.clock.nowSeconds())
  }
}

/** The profile whose recordings are in the folder. */
function profileOf(file: string): ProfileName {
  const name = PROFILE_NAMES.find((each) => file.startsWith(`${each}/`))
  if (name === undefined) throw new Error(`${file} belongs to no profile`)
  return name
}

function bindStandIns(
  bindings: Bindings,
  exchanges: readonly Exchange[],
  { after = [], standsFor = {} }: Scenario,
): void {
  const [own, other] = [exchanges, after.flatMap(readRecording)].map((list) => JSON.stringify(list))
  for (const [ownStart, otherStart] of Object.entries(standsFor)) {
    const value = wholeValue(own ?? '', ownStart)
    const live = bindings.get(wholeValue(other ?? '', otherStart))
    if (live === undefined) throw new Error(`nothing live stands for ${ownStart}`)
    bindings.bind(value, live)
  }
}

function wholeValue(text: string, start: string): string {
  const value = new RegExp(`\\b${start}\\w+`).exec(text)?.[0]
  if (value === undefined) throw new Error(`no value starts with ${start}`)
  return value
}

function bindTokens(bindings: Bindings, exchanges: readonly Exchange[], like: readonly Exchange[]): void {
  for (const [index, exchange] of exchanges.entries()) {
    const [own, other] = [exchange, like[index]].map((each) => each?.request.headers['authorization'])
    const live = bindings.get(other?.slice('Bearer '.length) ?? '')
    if (own !== undefined && live !== undefined) bindings.bind(own.slice('Bearer '.length), live)
  }
}

async function play(
  nextcloud: EmbeddedNextcloud,
  bindings: Bindings,
  exchanges: readonly Exchange[],
  waitSeconds: NonNullable<Scenario['waitSeconds']>,
): Promise<Difference[][]> {
  const differences: Difference[][] = []
  for (const [index, { request, response }] of exchanges.entries()) {
    nextcloud.clock.shift('all' in waitSeconds ? waitSeconds.all : (waitSeconds[index] ?? 0))
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, bindings.substituteHeader(name, value)]),
    )
    const live = await nextcloud.app.request(ORIGIN + bindings.substitute(request.path), {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: bindings.substitute(request.body) }),
    })
    const body = await live.text()
    const recordedCookies = response.headers['set-cookie'] ?? []
    differences.push([
      ...compareCookies(
        bindings,
        { recorded: request.headers['cookie'], live: headers['cookie'] },
        {
          recorded: typeof recordedCookies === 'string' ? [recordedCookies] : recordedCookies,
          live: live.headers.getSetCookie(),
        },
      ),
      ...compareAnswers(
        bindings,
        response,
        { status: live.status, headers: live.headers, body },
        request.path,
      ),
    ])
  }
  return differences
}
