import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveRemedies } from '../../src/config/race-remedies.js'
import { UsageError } from '../../src/errors.js'
import type { AuthorizationServerMetadata } from '../../src/oauth/discovery.js'
import { BUILT_IN_REMEDIES } from '../../src/race/remedies/built-in.js'
import type { RemedyContext } from '../../src/race/remedies/remedy.js'
import { SimulatedTime } from '../../src/race/simulated-time.js'
import { failuresOf, remedyOf, simulate } from './laboratory-support.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Writes a module and gives the path that a user would give. */
async function module(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return `./${name}`
}

describe('the wait of the seed', () => {
  function watched(answersAfter: number): {
    ctx: RemedyContext
    askedAtMs: number[]
    elapsedMs: () => number
  } {
    const clock = new SimulatedTime()
    const began = clock.nowMs()
    const askedAtMs: number[] = []
    const ctx: RemedyContext = {
      fetch: () => {
        askedAtMs.push(clock.nowMs() - began)
        return Promise.resolve(new Response('{}', { status: askedAtMs.length > answersAfter ? 200 : 502 }))
      },
      client: { client_id: 'x', redirect_uri: 'http://127.0.0.1:9/' },
      metadata: { issuer: 'http://nextcloud.invalid' } as AuthorizationServerMetadata,
      documentUrl: 'http://nextcloud.invalid/.well-known/openid-configuration',
      sleep: (ms) => clock.sleep(ms),
      nowMs: () => clock.nowMs(),
      signal: new AbortController().signal,
    }
    return { ctx, askedAtMs, elapsedMs: () => clock.nowMs() - began }
  }

  it('asks once, half a second later, where the document answers', async () => {
    const { ctx, askedAtMs } = watched(0)
    await BUILT_IN_REMEDIES['discovery-poll'].beforeUse?.(ctx)
    expect(askedAtMs).toEqual([500])
  })

  it('asks ten times at most, with pauses that grow by half up to five seconds, and goes on', async () => {
    const { ctx, askedAtMs, elapsedMs } = watched(Infinity)
    await BUILT_IN_REMEDIES['discovery-poll'].beforeUse?.(ctx)
    const pauses = askedAtMs.map((at, index) => at - (askedAtMs[index - 1] ?? 0))
    expect(pauses).toEqual([500, 500, 750, 1_125, 1_687.5, 2_531.25, 3_796.875, 5_000, 5_000, 5_000])
    // Nobody waits after the last try.
    expect(elapsedMs()).toBe(askedAtMs.at(-1))
  })
})

describe('a remedy of the user', () => {
  it('runs between registration and first use, with a clock and requests of the trial', async () => {
    const path = await module(
      'patient.mjs',
      `export default async ({ fetch, client, sleep, nowMs, metadata, signal }) => {
        if (signal.aborted || metadata.issuer !== 'http://nextcloud.invalid') throw new Error('wrong context')
        const endMs = nowMs() + 8_000
        while (nowMs() < endMs) {
          const headers = { authorization: 'Bearer ' + client.registration_access_token }
          if ((await fetch(client.registration_client_uri, { headers })).status === 200) return
          await sleep(400)
        }
      }`,
    )
    const remedies = [BUILT_IN_REMEDIES.none, ...(await resolveRemedies([path], folder))]
    const report = await simulate({ causes: ['client-lag'], remedies })
    expect(failuresOf(report, 'client-lag', 'none')).toBe('6/6')
    expect(failuresOf(report, 'client-lag', 'custom:patient')).toBe('0/6')
    const { requests, extraLatencyMs } = remedyOf(report, 'client-lag', 'custom:patient')
    expect(requests.perTrial).toBeGreaterThan(7)
    expect(extraLatencyMs.p50).toBeGreaterThan(2_000)
  })

  it('that throws fails its trials, and says so', async () => {
    const path = await module('broken.mjs', `export default () => { throw new Error('no such luck') }`)
    const report = await simulate({ remedies: await resolveRemedies([path], folder) })
    expect(remedyOf(report, 'none', 'custom:broken').failingAnswers).toEqual([
      { step: 'remedy', status: null, error: 'the remedy threw', description: 'no such luck', count: 6 },
    ])
  })

  it.each([
    ['missing.mjs', undefined, 'cannot be loaded'],
    ['syntax.mjs', 'export default (', 'cannot be loaded'],
    ['empty.mjs', 'export const remedy = () => {}', 'must have a function as its default export'],
    ['object.mjs', 'export default { run() {} }', 'must have a function as its default export'],
  ])('in a bad module (%s) is a mistake of the user', async (name, text, reason) => {
    if (text !== undefined) await module(name, text)
    const loading = resolveRemedies([`./${name}`], folder)
    await expect(loading).rejects.toThrow(UsageError)
    await expect(loading).rejects.toThrow(reason)
  })
})

describe('names of remedies', () => {
  it('are all of our own by default', async () => {
    expect((await resolveRemedies([], folder)).map(({ name }) => name)).toEqual(
      Object.keys(BUILT_IN_REMEDIES),
    )
  })

  it('can be joined', async () => {
    const [both] = await resolveRemedies(['client-read-probe+retry-first-use'], folder)
    expect(both).toMatchObject({
      name: 'client-read-probe+retry-first-use',
      retries: true,
      keepsClient: false,
    })
    expect(both?.beforeUse).toBeDefined()
  })

  it('are refused with the nearest one, and once given twice', async () => {
    await expect(resolveRemedies(['discovery-pol'], folder)).rejects.toThrow('did you mean discovery-poll?')
    await expect(resolveRemedies(['none', 'none'], folder)).rejects.toThrow('given twice')
  })
})
