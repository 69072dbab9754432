import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  BOBS_WORD,
  FuzzClouds,
  fuzzRequests,
  type FuzzAnswer,
  type FuzzRequest,
  type FuzzRoute,
  type KnownIds,
} from './fuzz-requests.js'

/** Alice's things are made anew for each batch, since requests delete them. */
const BATCHES = 15
const BATCH_SIZE = 120
const TABLES = '/index.php/apps/tables/api/1'
const BOARDS = '/apps/deck/api/v1.0/boards'

/** For busy machines; some seconds are usual. */
const TIMEOUT_MS = 120_000

let clouds: FuzzClouds
beforeAll(async () => {
  clouds = await FuzzClouds.start()
})
afterAll(() => clouds.stop())

interface Made {
  readonly known: KnownIds
  /** Paths that show all of it. */
  readonly paths: readonly string[]
}

/** Sends requests in batches, then looks whether bob still has what he had. */
async function fuzz(
  routes: readonly FuzzRoute[],
  make: (user: 'alice' | 'bob') => Promise<Made>,
  isKnown: (request: FuzzRequest, recorded: FuzzAnswer) => boolean,
): Promise<void> {
  const bobs = await make('bob')
  const look = (): Promise<string[][]> => Promise.all(bobs.paths.map((path) => clouds.seenByBob(path)))
  const before = await look()
  for (const text of before.flat()) expect(text).toContain(BOBS_WORD)
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const alices = await make('alice')
    const known = Object.fromEntries(
      // Alice's own ids twice, so that most requests reach something.
      Object.entries(alices.known).map(([kind, ids]) => [
        kind,
        [...ids, ...ids, ...ids, ...(bobs.known[kind] ?? [])],
      ]),
    )
    await fc.assert(
      fc.asyncProperty(fuzzRequests(routes, known), (request) => clouds.check(request, isKnown)),
      { numRuns: BATCH_SIZE },
    )
  }
  expect(await look()).toEqual(before)
}

const COLUMN = { title: 'C', type: 'number', subtype: '', mandatory: false, numberDecimals: 2 }
const SELECTION = {
  title: 'S',
  type: 'selection',
  subtype: 'multi',
  selectionOptions: '[{"id":1,"label":"x"}]',
}
const ROW = { data: {} }
const TABLE_ROUTES: readonly FuzzRoute[] = [
  { methods: ['GET', 'POST'], path: '/tables', body: { title: 'T', emoji: '🙂', template: 'custom' } },
  { methods: ['GET', 'PUT'], path: '/tables/{table}', body: { title: 'T', archived: false } },
  { methods: ['GET'], path: '/tables/{table}/scheme' },
  { methods: ['GET'], path: '/tables/{table}/views' },
  { methods: ['GET', 'POST'], path: '/tables/{table}/columns', body: SELECTION },
  { methods: ['POST'], path: '/columns', body: { tableId: 1, ...COLUMN } },
  { methods: ['GET', 'PUT'], path: '/columns/{column}', body: COLUMN },
  { methods: ['GET'], path: '/tables/{table}/rows' },
  { methods: ['GET'], path: '/tables/{table}/rows/simple' },
  { methods: ['POST'], path: '/tables/{table}/rows', body: ROW },
  { methods: ['GET', 'PUT', 'PUT'], path: '/rows/{row}', body: ROW },
  { methods: ['DELETE'], path: '/rows/{row}' },
  { methods: ['DELETE'], path: '/columns/{column}' },
]
const TABLE_OCS_ROUTES: readonly FuzzRoute[] = [
  { methods: ['GET', 'POST'], path: '/tables', body: { title: 'T', emoji: '🙂' } },
  { methods: ['GET', 'PUT'], path: '/tables/{table}', body: { title: 'T', description: '' } },
  { methods: ['GET'], path: '/tables/scheme/{table}' },
  { methods: ['POST'], path: '/columns/text', body: { baseNodeId: 1, title: 'T', textMaxLength: 5 } },
  { methods: ['GET'], path: '/columns/table/{table}' },
  { methods: ['GET'], path: '/columns/{column}' },
  { methods: ['POST'], path: '/tables/{table}/rows', body: ROW },
]

const CARD_PATH = '/{board}/stacks/{stack}/cards/{card}'
const CARD = {
  title: 'C',
  type: 'plain',
  owner: 'alice',
  order: 0,
  description: 'd',
  duedate: null,
  done: null,
}
const DECK_ROUTES: readonly FuzzRoute[] = [
  { methods: ['GET', 'POST'], path: '', body: { title: 'B', color: 'ff0000' } },
  { methods: ['GET', 'PUT'], path: '/{board}', body: { title: 'B', color: 'ff0000' } },
  { methods: ['GET', 'POST'], path: '/{board}/stacks', body: { title: 'S', order: 0 } },
  { methods: ['GET', 'PUT'], path: '/{board}/stacks/{stack}', body: { title: 'S', order: 0 } },
  { methods: ['GET'], path: '/{board}/stacks/archived' },
  { methods: ['POST'], path: '/{board}/labels', body: { title: 'L', color: '00ff00' } },
  { methods: ['GET', 'PUT'], path: '/{board}/labels/{label}', body: { title: 'L', color: '00ff00' } },
  { methods: ['POST'], path: '/{board}/stacks/{stack}/cards', body: CARD },
  { methods: ['GET', 'PUT', 'PUT'], path: CARD_PATH, body: { ...CARD, archived: false } },
  { methods: ['PUT'], path: `${CARD_PATH}/archive`, body: {} },
  { methods: ['PUT'], path: `${CARD_PATH}/unarchive`, body: {} },
  { methods: ['PUT'], path: `${CARD_PATH}/reorder`, body: { order: 0, stackId: 1 } },
  { methods: ['PUT'], path: `${CARD_PATH}/assignLabel`, body: { labelId: 1 } },
  { methods: ['PUT'], path: `${CARD_PATH}/removeLabel`, body: { labelId: 1 } },
  { methods: ['PUT'], path: `${CARD_PATH}/assignUser`, body: { userId: 'alice' } },
  { methods: ['PUT'], path: `${CARD_PATH}/unassignUser`, body: { userId: 'alice' } },
  { methods: ['DELETE'], path: CARD_PATH },
  { methods: ['DELETE'], path: '/{board}/labels/{label}' },
]

describe('any request', () => {
  it(
    'to Tables is answered below 500, or as recorded, and never with or on what another user has',
    async () => {
      const routes = [
        ...TABLE_ROUTES.map((route) => ({ ...route, path: TABLES + route.path })),
        ...['v1', 'v2'].flatMap((version) =>
          TABLE_OCS_ROUTES.map((route) => ({
            ...route,
            path: `/ocs/${version}.php/apps/tables/api/2${route.path}`,
          })),
        ),
      ]
      const make = async (user: 'alice' | 'bob'): Promise<Made> => {
        const word = user === 'bob' ? BOBS_WORD : 'mine'
        const table = await clouds.make(user, `${TABLES}/tables`, { title: word })
        const path = `${TABLES}/tables/${table}`
        const column: number[] = []
        for (const settings of [
          { title: word, type: 'text' },
          COLUMN,
          SELECTION,
          { title: 'D', type: 'datetime' },
        ]) {
          column.push(await clouds.make(user, `${path}/columns`, settings))
        }
        const data = { [column[0] ?? 0]: word, [column[1] ?? 0]: 1 }
        const row = [
          await clouds.make(user, `${path}/rows`, { data }),
          await clouds.make(user, `${path}/rows`, { data }),
        ]
        return { known: { table: [table], column, row }, paths: [path, `${path}/scheme`, `${path}/rows`] }
      }
      await fuzz(routes, make, ({ method, path }, { text }) => {
        if (/^\{"message":"Column with id -?\d+ is not part of/.test(text)) return path.includes('/rows')
        if (text.includes('"An unexpected error occurred.'))
          return path.includes('/rows') && method === 'POST'
        return /^\{"message":"OCA.*getRowById: Did expect one result/.test(text) && path.includes('/rows/')
      })
    },
    TIMEOUT_MS,
  )

  it(
    'to Deck is answered below 500, or as recorded, and never with or on what another user has',
    async () => {
      const make = async (user: 'alice' | 'bob'): Promise<Made> => {
        const title = user === 'bob' ? BOBS_WORD : 'mine'
        const board = await clouds.make(user, BOARDS, { title, color: 'ff0000' })
        const path = `${BOARDS}/${board}`
        const label = await clouds.make(user, `${path}/labels`, { title, color: 'ff0000' })
        const stack = [
          await clouds.make(user, `${path}/stacks`, { title, order: 0 }),
          await clouds.make(user, `${path}/stacks`, { title, order: 1 }),
        ]
        const cards = `${path}/stacks/${stack[0] ?? 0}/cards`
        const card = [
          await clouds.make(user, cards, { title, description: title }),
          await clouds.make(user, cards, { title }),
        ]
        return {
          known: { board: [board], label: [label], stack, card },
          paths: [path, `${path}/stacks`, `${cards}/${card[0] ?? 0}`],
        }
      }
      const routes = DECK_ROUTES.map((route) => ({ ...route, path: BOARDS + route.path }))
      await fuzz(routes, make, ({ path }, { text }) => {
        const ids = /boards(?:\/([^/?]*))?(?:\/(?:stacks|labels)\/([^/?]*))?(?:\/cards\/([^/?]*))?/
          .exec(path)
          ?.slice(1)
        return (
          text.includes('"requestId"') &&
          ids?.some((id: string | undefined) => !/^-?\d{1,15}$/.test(id ?? '1')) === true
        )
      })
    },
    TIMEOUT_MS,
  )
})
