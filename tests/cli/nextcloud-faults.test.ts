import { describe, expect, it } from 'vitest'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { cli, type CliRun } from './support.js'

const USERS = {
  alice: { userId: 'alice', password: 'pw-a', displayName: 'Alice', email: '' },
  bob: { userId: 'bob', password: 'pw-b', displayName: 'Bob', email: '' },
}

/** Runs `nextcloud` with these flags; what it would start, and what it printed. */
async function nextcloud(...flags: string[]): Promise<CliRun & { options: EmbeddedOptions | undefined }> {
  const controller = new AbortController()
  let options: EmbeddedOptions | undefined
  const run = await cli(['nextcloud', ...flags], {
    signal: controller.signal,
    onOut: () => controller.abort(),
    services: {
      startEmbeddedNextcloud: (given) => {
        options = given
        return Promise.resolve({
          baseUrl: 'http://127.0.0.1:1',
          users: USERS,
          ...(given.control === true ? { control: { url: 'http://127.0.0.1:2', secret: 'the-secret' } } : {}),
          stop: () => Promise.resolve(),
        })
      },
    },
  })
  return { ...run, options }
}

describe('nextcloud --fault', () => {
  it('is repeatable, with members after the kind', async () => {
    const { code, options } = await nextcloud(
      '--fault',
      'notes=status-429,times=3,retry-after-seconds=7',
      '--fault',
      'webdav=slow,delay-ms=5000,user=bob',
    )
    expect(code).toBe(0)
    expect(options?.faults).toEqual([
      { scope: 'notes', kind: 'status-429', times: 3, retryAfterSeconds: 7 },
      { scope: 'webdav', kind: 'slow', delayMs: 5000, userId: 'bob' },
    ])
  })

  it.each([
    ['notes', /--fault: "notes" is no name=value; give e\.g\. --fault notes=status-429/],
    ['note=refuse', /--fault: there is no scope "note"; did you mean notes\?/],
    ['notes=refused', /--fault: there is no kind "refused"; did you mean refuse\?/],
    ['notes=refuse,time=3', /--fault: there is no member "time"; did you mean times\?/],
    ['notes=refuse,times=three', /--fault: times must be a whole number, not "three"/],
    ['notes=refuse,times=0', /--fault: times: /],
    ['notes=refuse,delay-ms=5', /--fault: delay-ms: only a fault of kind slow has a delay/],
  ])('refuses %s', async (flag, message) => {
    const { code, err, options } = await nextcloud('--fault', flag)
    expect([code, options]).toEqual([2, undefined])
    expect(err).toMatch(message)
  })
})

describe('nextcloud --lag', () => {
  it('takes a delay or a distribution per view, and a seed', async () => {
    const flags = ['client=800', 'redirect-uri=0.5', 'code=uniform:100:500', 'token=log-normal:300:0.5']
    const { code, options } = await nextcloud(...flags.flatMap((flag) => ['--lag', flag]), '--seed', '7')
    expect(code).toBe(0)
    expect(options?.lag).toEqual({
      client: 800,
      redirectUri: 0.5,
      code: { kind: 'uniform', minMs: 100, maxMs: 500 },
      token: { kind: 'log-normal', medianMs: 300, sigma: 0.5 },
      seed: 7,
    })
    expect((await nextcloud('--lag', 'replica=2000')).options?.lag).toEqual({ replica: 2000 })
  })

  it.each([
    [['--lag', 'clients=800'], /--lag: there is no view "clients"; did you mean client\?/],
    [['--lag', '800'], /--lag: "800" is no name=value; give e\.g\. --lag client=800/],
    [['--lag', 'client=fast'], /--lag: "fast" is no delay; e\.g\. --lag client=800/],
    [['--lag', 'client=uniform:5'], /--lag: "" is no delay/],
    [
      ['--lag', 'client=uniform:5:1'],
      /--lag: client: must not be below minMs; e\.g\. --lag client=800, --lag redirect-uri=uniform:100:500/,
    ],
    [['--lag', 'client=1:2:3:4'], /--lag: "1:2:3:4" is no delay/],
    [['--lag', 'client=1', '--lag', 'client=2'], /--lag: client was given twice/],
    [['--seed', '7'], /--seed draws the delays of --lag, which is missing/],
    [['--lag', 'client=1', '--seed', 'x'], /--seed must be a whole number, not "x"/],
    [['--lag', 'client=1', '--seed', '9999999999'], /--seed must be a whole number from 0 to 4294967295/],
  ])('refuses %j', async (flags, message) => {
    const { code, err, options } = await nextcloud(...flags)
    expect([code, options]).toEqual([2, undefined])
    expect(err).toMatch(message)
  })
})

describe('nextcloud --control', () => {
  it('prints where it listens and its secret, once', async () => {
    const { out, err, options } = await nextcloud('--control')
    expect(options?.control).toBe(true)
    expect(out).toContain('control API: http://127.0.0.1:2\ncontrol secret: the-secret\n')
    expect(`${out}${err}`.match(/the-secret/g)).toHaveLength(1)
    const { out: json } = await nextcloud('--control', '--json')
    expect(JSON.parse(json)).toMatchObject({ control: { url: 'http://127.0.0.1:2', secret: 'the-secret' } })
  })

  it('is off by default', async () => {
    const { out, options } = await nextcloud()
    expect(options).toEqual({ port: 0, mutants: [] })
    expect(out).not.toContain('control')
  })
})
