import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import { Findings } from '../support/findings.js'
import { FOREIGN_MEMBERS, FOREIGN_START, foreignEvent } from '../support/foreign-event.js'
import { listItems } from '../support/list-answer.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import {
  sharedCalendars,
  type NextcloudCalendars,
  type NextcloudEvent,
} from '../support/nextcloud-calendars.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES, type ToolPurpose } from '../support/tool-names.js'

type Json = Readonly<Record<string, unknown>>

const MORNING_IN_TOKYO = {
  start_datetime: '2031-03-10T09:00:00+09:00',
  end_datetime: '2031-03-10T10:30:00+09:00',
}
const NEXT_MORNING = {
  start_datetime: '2031-03-11T09:00:00+09:00',
  end_datetime: '2031-03-11T10:30:00+09:00',
}
const WEEKS = ['2031-04-07', '2031-04-14', '2031-04-21', '2031-04-28'].map((day) => `${day}T12:00:00+00:00`)

/** The life of events, each step compared with what Nextcloud itself has: moments, days and counts, not texts. */
export const calendarRoundTrip = defineCheck({
  id: 'tools.calendar.round-trip',
  suite: 'tools',
  title:
    'Events with a time zone, of whole days and in series are stored, listed, changed and deleted as asked',
  level: 'MUST',
  source: [
    { document: 'RFC5545', clause: '3.3.5' },
    { document: 'RFC5545', clause: '3.8.5.3' },
    { document: 'project', clause: 'a tool does what it says and nothing else' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-event-time-shifted' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, [
      'createEvent',
      'listEvents',
      'getEvent',
      'updateEvent',
      'deleteEvent',
    ])
    if (lacking !== undefined) return lacking
    const calendars = sharedCalendars(ctx, 'alice')
    const calendar = newMarker()
    await calendars.create(calendar)
    try {
      const steps = new Steps(session, calendars, calendar)
      if (!(await steps.timedEvent())) {
        return notTestable(`no event can be created: ${steps.lastAnswer()}`)
      }
      await steps.wholeDays()
      await steps.series()
      await steps.foreignEvent()
      return judge(steps.findings.list(), 'time zone, whole days, series, another client’s event')
    } finally {
      await calendars.remove(calendar)
    }
  },
})

class Steps {
  readonly findings = new Findings()
  readonly #session: McpSession
  readonly #calendars: NextcloudCalendars
  readonly #calendar: string
  #answer: ToolAnswer | undefined

  constructor(session: McpSession, calendars: NextcloudCalendars, calendar: string) {
    this.#session = session
    this.#calendars = calendars
    this.#calendar = calendar
  }

  lastAnswer(): string {
    return this.#answer === undefined ? '' : describeToolAnswer(this.#answer)
  }

  /** Create, read, list in and out of range, move, rename, delete. False when nothing is created. */
  async timedEvent(): Promise<boolean> {
    const created = await this.#create({ title: 'Tokyo', ...MORNING_IN_TOKYO })
    if (created === undefined) return false
    const { uid } = created
    this.#judgeStored(created, MORNING_IN_TOKYO)
    await this.#judgeRead(uid, MORNING_IN_TOKYO.start_datetime)
    await this.#judgeRange(uid, '2031-03-09', '2031-03-11', true)
    await this.#judgeRange(uid, '2031-03-20', '2031-03-21', false)
    const moved = await this.#update(uid, NEXT_MORNING)
    if (moved !== undefined) this.#judgeStored(moved, NEXT_MORNING)
    const before = moved?.occurrences(1)[0]?.startMs
    const renamed = await this.#update(uid, { title: 'Renamed' })
    if (renamed !== undefined && renamed.text('summary') !== 'Renamed') {
      this.#add('update-not-applied', 'a changed title is not stored', 'Renamed', renamed.text('summary'))
    }
    this.#compareMoments(
      'other-member-changed',
      'renaming moves the event',
      before,
      renamed?.occurrences(1)[0]?.startMs,
    )
    await this.#delete(uid)
    return true
  }

  async wholeDays(): Promise<void> {
    const days = { start_datetime: '2031-05-01', end_datetime: '2031-05-03', all_day: true }
    const created = await this.#create({ title: 'Days off', ...days })
    if (created === undefined) {
      this.#add('not-created', 'an event of whole days cannot be created', days, this.lastAnswer())
      return
    }
    const [stored] = created.occurrences(1)
    const start = stored === undefined ? undefined : new Date(stored.start.wallMs).toISOString().slice(0, 10)
    if (created.startForm !== 'date' || start !== '2031-05-01') {
      const observed = { form: created.startForm, start }
      this.#add(
        'days-stored-otherwise',
        'an event of whole days is stored otherwise',
        '2031-05-01, a date',
        observed,
      )
    }
    const read = (await this.#call('getEvent', { event_uid: created.uid })).data
    const shown = String(read['start_datetime'])
    if (!/^2031-05-01(?:$|T00:00)/.test(shown)) {
      this.#add(
        'days-read-otherwise',
        'an event of whole days is read with another start',
        '2031-05-01',
        shown,
      )
    }
  }

  /** Four weeks, three of them in the range that is listed. */
  async series(): Promise<void> {
    const first = { start_datetime: WEEKS[0], end_datetime: '2031-04-07T13:00:00+00:00' }
    const rule = { recurring: true, recurrence_rule: 'FREQ=WEEKLY;COUNT=4' }
    const created = await this.#create({ title: 'Every week', ...first, ...rule })
    if (created === undefined) {
      this.#add('not-created', 'a series cannot be created', rule, this.lastAnswer())
      return
    }
    const moments = created.occurrences(10).map(({ startMs }) => new Date(startMs).toISOString())
    const expected = WEEKS.map((week) => new Date(week).toISOString())
    if (moments.join() !== expected.join()) {
      this.#add(
        'series-stored-otherwise',
        'a weekly series is stored with other occurrences',
        expected,
        moments,
      )
    }
    const listed = await this.#listed(created.uid, '2031-04-01', '2031-04-23')
    // A server lists either every occurrence, or the series once with its rule.
    const isOnce = listed.length === 1 && /FREQ=WEEKLY/.test(String(listed[0]?.['recurrence_rule']))
    if (listed.length !== 3 && !isOnce) {
      const observed = { listed: listed.length, recurrence_rule: listed[0]?.['recurrence_rule'] ?? null }
      this.#add(
        'series-listed-otherwise',
        'a series is listed neither by its occurrences nor with its rule',
        3,
        observed,
      )
    }
    const shown = String((await this.#call('getEvent', { event_uid: created.uid })).data['recurrence_rule'])
    if (!/FREQ=WEEKLY/.test(shown) || !/COUNT=4/.test(shown)) {
      this.#add('rule-read-otherwise', 'the rule of a series is read otherwise', rule.recurrence_rule, shown)
    }
  }

  /** An event that another client has made: its file is not called like its UID, and it has members of its own. */
  async foreignEvent(): Promise<void> {
    const uid = newMarker()
    await this.#calendars.put(this.#calendar, `${newMarker()}.ics`, foreignEvent(uid))
    await this.#judgeRange(uid, '2031-06-09', '2031-06-12', true)
    const read = await this.#call('getEvent', { event_uid: uid })
    if (read.kind !== 'result') {
      const expected = 'the event with this UID, whatever its file is called'
      this.#add('file-name-assumed', 'an event is not found by its UID', expected, describeToolAnswer(read))
      return
    }
    this.#compareMoments(
      'read-otherwise',
      'an event is read at another time',
      Date.parse(FOREIGN_START),
      momentOf(read.data),
    )
    const changed = await this.#update(uid, { title: 'Changed' })
    if (changed === undefined) return
    const start = changed.occurrences(1)[0]?.startMs
    this.#compareMoments('other-member-changed', 'renaming moves the event', Date.parse(FOREIGN_START), start)
    if (changed.text('summary') !== 'Changed') {
      this.#add('update-not-applied', 'a changed title is not stored', 'Changed', changed.text('summary'))
    }
    for (const [name, value] of Object.entries(FOREIGN_MEMBERS)) {
      if (changed.text(name) === value) continue
      this.#add(
        'other-member-changed',
        'an update changes other members than those given',
        { [name]: value },
        { [name]: changed.text(name) },
      )
    }
  }

  async #create(input: Json): Promise<NextcloudEvent | undefined> {
    const before = new Set((await this.#calendars.events(this.#calendar)).map(({ uid }) => uid))
    await this.#call('createEvent', input)
    return (await this.#calendars.events(this.#calendar)).find(({ uid }) => !before.has(uid))
  }

  async #update(uid: string, changes: Json): Promise<NextcloudEvent | undefined> {
    const answer = await this.#call('updateEvent', { event_uid: uid, ...changes })
    const after = (await this.#calendars.events(this.#calendar)).find((event) => event.uid === uid)
    if (after === undefined) throw new NotTestableError('updating an event makes it disappear or unreadable')
    if (answer.kind === 'result') return after
    this.#add('update-not-applied', 'an event cannot be updated', changes, describeToolAnswer(answer))
    return undefined
  }

  async #delete(uid: string): Promise<void> {
    const answer = await this.#call('deleteEvent', { event_uid: uid })
    const left = (await this.#calendars.events(this.#calendar)).some((event) => event.uid === uid)
    if (answer.kind === 'result' && !left) return
    const observed = { delete: describeToolAnswer(answer), onNextcloud: left ? 'there' : 'gone' }
    this.#add('not-deleted', 'a deleted event is not gone', 'no event on Nextcloud', observed)
  }

  #judgeStored(event: NextcloudEvent, { start_datetime, end_datetime }: typeof NEXT_MORNING): void {
    const [stored] = event.occurrences(1)
    const form = stored?.start.form
    const isMoment = form === 'utc' || form === 'zoned'
    const observed = { form, start: momentText(stored?.startMs), end: momentText(stored?.endMs) }
    const isRight =
      stored?.startMs === Date.parse(start_datetime) && stored.endMs === Date.parse(end_datetime)
    if (isMoment && isRight) return
    const expected = { start: start_datetime, end: end_datetime }
    this.#add('stored-at-another-time', 'an event is stored at another time than asked', expected, observed)
  }

  async #judgeRead(uid: string, start: string): Promise<void> {
    const { data } = await this.#call('getEvent', { event_uid: uid })
    this.#compareMoments(
      'read-otherwise',
      'an event is read at another time',
      Date.parse(start),
      momentOf(data),
    )
  }

  async #judgeRange(uid: string, from: string, to: string, isIn: boolean): Promise<void> {
    const found = await this.#listed(uid, from, to)
    if (found.length > 0 === isIn) return
    this.#add(
      isIn ? 'not-in-range' : 'out-of-range-listed',
      isIn ? 'an event in the range is not listed' : 'an event out of the range is listed',
      isIn ? 'listed' : 'not listed',
      { from, to, answer: this.lastAnswer() },
    )
  }

  async #listed(uid: string, start_date: string, end_date: string): Promise<readonly Json[]> {
    const answer = await this.#call('listEvents', { start_date, end_date })
    return listItems(answer, 'events').filter((event) => event['uid'] === uid)
  }

  #compareMoments(
    id: string,
    message: string,
    expected: number | undefined,
    observed: number | undefined,
  ): void {
    if (expected === undefined || expected === observed) return
    this.#add(id, message, momentText(expected), momentText(observed))
  }

  #add(id: string, message: string, expected: unknown, observed: unknown): void {
    this.findings.add({ id, message, expected, observed })
  }

  async #call(purpose: ToolPurpose, input: Json): Promise<ToolAnswer> {
    this.#answer = await this.#session.callTool(TOOL_NAMES[purpose], {
      calendar_name: this.#calendar,
      ...input,
    })
    return this.#answer
  }
}

/** The start that a tool shows, ms since the epoch; `undefined` without an offset, which names no moment. */
function momentOf({ start_datetime: text }: Json): number | undefined {
  if (typeof text !== 'string' || !/(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined
  const instantMs = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(instantMs) ? undefined : instantMs
}

function momentText(instantMs: number | undefined): string {
  return instantMs === undefined ? 'no moment' : new Date(instantMs).toISOString()
}
