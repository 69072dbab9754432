import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOBS_WORD, FuzzClouds, fuzzRequests, type FuzzRoute } from './fuzz-requests.js'

const RUNS = 1_000
const NOTES = '/index.php/apps/notes/api/v1'
const never = (): boolean => false

/** For busy machines; some seconds are usual. */
const TIMEOUT_MS = 120_000

let clouds: FuzzClouds
beforeAll(async () => {
  clouds = await FuzzClouds.start()
})
afterAll(() => clouds.stop())

describe('any request', () => {
  it(
    'to Notes is answered below 500, or as recorded, and never with or on what another user has',
    async () => {
      const mine = { title: 'mine', content: 'text', category: 'A/B', favorite: true, modified: 1_000_000 }
      const note: number[] = []
      for (let index = 0; index < 5; index += 1) note.push(await clouds.make('alice', `${NOTES}/notes`, mine))
      const bobs = { title: BOBS_WORD, content: BOBS_WORD, category: BOBS_WORD }
      note.push(await clouds.make('bob', `${NOTES}/notes`, bobs))
      const list = { exclude: 'content', pruneBefore: 0, chunkSize: 1, chunkCursor: '1-2-3', category: 'A' }
      const routes: readonly FuzzRoute[] = [
        { methods: ['GET'], path: '/notes', body: list },
        { methods: ['POST'], path: '/notes', body: mine },
        { methods: ['GET', 'PUT', 'PUT'], path: '/notes/{note}', body: mine },
        { methods: ['GET', 'PUT'], path: '/settings', body: { notesPath: 'Notes', fileSuffix: '.md' } },
        { methods: ['GET', 'POST'], path: '/attachment/{note}', body: { path: 'x.png' } },
      ].map((route) => ({ ...route, path: NOTES + route.path }))
      const before = await clouds.seenByBob(`${NOTES}/notes`)
      for (const text of before) expect(text).toContain(BOBS_WORD)
      await fc.assert(
        fc.asyncProperty(fuzzRequests(routes, { note }), (request) => clouds.check(request, never)),
        { numRuns: RUNS },
      )
      expect(await clouds.seenByBob(`${NOTES}/notes`)).toEqual(before)
    },
    TIMEOUT_MS,
  )

  it(
    'to OCS is answered below 500',
    async () => {
      const routes: readonly FuzzRoute[] = ['v1', 'v2'].flatMap((version) =>
        ['cloud/user', 'cloud/capabilities', 'cloud/users/{user}', 'apps/{app}/{what}', '{what}'].map(
          (path) => ({
            methods: ['GET', 'POST', 'PUT', 'DELETE'],
            path: `/ocs/${version}.php/${path}`,
            body: { format: 'json', id: 1, requesttoken: 'x' },
          }),
        ),
      )
      await fc.assert(
        fc.asyncProperty(fuzzRequests(routes, { user: [1] }), (request) => clouds.check(request, never)),
        { numRuns: RUNS },
      )
    },
    TIMEOUT_MS,
  )
})
