import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAVClient, type DAVCalendar, type DAVCalendarObject } from 'tsdav'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'
import { ics } from '../embedded/caldav-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

/** A client that knows the server's address only. */
async function tsdav(user: 'alice' | 'bob' = 'alice'): Promise<DAVClient> {
  const { userId, password } = nextcloud.users[user]
  const client = new DAVClient({
    serverUrl: nextcloud.baseUrl,
    credentials: { username: userId, password },
    authMethod: 'Basic',
    defaultAccountType: 'caldav',
  })
  await client.login()
  return client
}

async function named(client: DAVClient, name: string): Promise<DAVCalendar> {
  const found = (await client.fetchCalendars()).find(({ displayName }) => displayName === name)
  if (found === undefined) throw new Error(`no calendar ${name}`)
  return found
}

/** A calendar of its own for the test. */
async function made(client: DAVClient): Promise<DAVCalendar> {
  const url = `${nextcloud.baseUrl}/remote.php/dav/calendars/alice/tsdav/`
  const [answer] = await client.makeCalendar({ url, props: { 'd:displayname': 'From tsdav' } })
  expect(answer?.status).toBe(201)
  return named(client, 'From tsdav')
}

const fileOf = ({ url }: DAVCalendarObject): string => url.split('/').at(-1) ?? ''

describe('tsdav', () => {
  it('discovers home and calendars from the well-known address', async () => {
    const client = await tsdav()
    const root = `${nextcloud.baseUrl}/remote.php/dav`
    expect(client.account).toMatchObject({
      rootUrl: `${root}/`,
      principalUrl: `${root}/principals/users/alice/`,
      homeUrl: `${root}/calendars/alice/`,
    })
    const calendars = await client.fetchCalendars()
    expect(calendars.map(({ displayName, components }) => [displayName, components])).toEqual([
      ['Personal', ['VEVENT']],
      ['Contact birthdays', ['VEVENT']],
    ])
    expect(calendars[0]?.reports).toEqual(
      expect.arrayContaining(['syncCollection', 'calendarMultiget', 'calendarQuery']),
    )
  })

  it('works with an access token', async () => {
    const { tokens } = await mintTokens({
      issuer: nextcloud.baseUrl,
      tokenFormat: 'opaque',
      user: nextcloud.users.alice,
      userAgent: createHttpUserAgent(),
    })
    const client = new DAVClient({
      serverUrl: nextcloud.baseUrl,
      credentials: { accessToken: tokens.access_token },
      authMethod: 'Bearer',
      defaultAccountType: 'caldav',
    })
    await client.login()
    expect(await client.fetchCalendars()).toHaveLength(2)
  })

  it('makes a calendar, and an event in it that it reads, changes and deletes', async () => {
    const client = await tsdav()
    const calendar = await made(client)
    const iCalString = ics('VEVENT', 'e-1', 'DTSTART;TZID=Europe/Berlin:20261201T090000', 'SUMMARY:Ä, b; c')
    const created = await client.createCalendarObject({ calendar, filename: 'e.ics', iCalString })
    expect(created.status).toBe(201)
    const [event] = await client.fetchCalendarObjects({ calendar })
    expect(event).toMatchObject({
      etag: created.headers.get('etag'),
      data: iCalString.replaceAll('\r', '').trim(),
    })
    const calendarObject = {
      url: event?.url ?? '',
      etag: event?.etag ?? '',
      data: iCalString.replace('b;', 'd;'),
    }
    const update = await client.updateCalendarObject({ calendarObject })
    expect(update.status).toBe(204)
    expect((await client.updateCalendarObject({ calendarObject })).status).toBe(412)
    expect((await client.deleteCalendarObject({ calendarObject })).status).toBe(412)
    const fresh = { ...calendarObject, etag: update.headers.get('etag') ?? '' }
    expect((await client.deleteCalendarObject({ calendarObject: fresh })).status).toBe(204)
    expect(await client.fetchCalendarObjects({ calendar })).toEqual([])
  })

  it('finds events by time, and expands series', async () => {
    const client = await tsdav()
    const calendar = await made(client)
    const write = (name: string, ...lines: string[]) =>
      client.createCalendarObject({
        calendar,
        filename: `${name}.ics`,
        iCalString: ics('VEVENT', name, ...lines),
      })
    await write('weekly', 'DTSTART;TZID=Europe/Berlin:20261005T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY')
    await write('once', 'DTSTART:20261210T090000Z')
    const timeRange = { start: '2026-12-07T00:00:00Z', end: '2026-12-08T00:00:00Z' }
    const found = await client.fetchCalendarObjects({ calendar, timeRange })
    expect(found.map(fileOf)).toEqual(['weekly.ics'])
    const month = { start: '2026-12-01T00:00:00Z', end: '2026-12-31T00:00:00Z' }
    const [expanded] = await client.fetchCalendarObjects({ calendar, timeRange: month, expand: true })
    expect(String(expanded?.data).match(/^DTSTART:202612(?:07|14|21|28)T080000Z$/gm)).toHaveLength(4)
  })

  it('keeps a copy in step', async () => {
    const client = await tsdav()
    const calendar = await made(client)
    const write = (name: string) =>
      client.createCalendarObject({
        calendar,
        filename: `${name}.ics`,
        iCalString: ics('VEVENT', name, 'DTSTART:20261201T090000Z'),
      })
    await write('a')
    const objects = await client.fetchCalendarObjects({ calendar })
    await write('b')
    const sync = (collection: DAVCalendar, known: readonly DAVCalendarObject[]) =>
      client.smartCollectionSyncDetailed({
        collection: {
          ...collection,
          objects: [...known],
          objectMultiGet: (request) => client.calendarMultiGet(request),
        },
        method: 'webdav',
      })
    const first = await sync(calendar, objects)
    expect(first.objects.created.map(fileOf)).toEqual(['b.ics'])
    const [a] = objects
    if (a === undefined) throw new Error('nothing was written')
    expect((await client.deleteCalendarObject({ calendarObject: a })).status).toBe(204)
    const known = { ...calendar, ...(first.syncToken === undefined ? {} : { syncToken: first.syncToken }) }
    const second = await sync(known, objects)
    expect(second.objects.deleted.map(fileOf)).toEqual(['a.ics'])
    expect(second.syncToken).not.toBe(first.syncToken)
  })

  it("does not see another user's events", async () => {
    const alice = await tsdav()
    const calendar = await named(alice, 'Personal')
    const iCalString = ics('VEVENT', 'e', 'DTSTART:20261201T090000Z')
    await alice.createCalendarObject({ calendar, filename: 'e.ics', iCalString })
    const bob = await tsdav('bob')
    const [answer] = await bob.propfind({ url: calendar.url, props: {}, depth: '1' })
    expect(answer?.status).toBe(404)
    expect(await bob.fetchCalendarObjects({ calendar: await named(bob, 'Personal') })).toEqual([])
  })
})
