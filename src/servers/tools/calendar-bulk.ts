import * as z from 'zod'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudFailure, NextcloudStatusError } from '../nextcloud-errors.js'
import { overwriting } from './annotations.js'
import { eventOf, type ListedEvent } from './calendar-events.js'
import * as inputs from './calendar-inputs.js'
import { createObject, deleteEvent, replaceObject, type EventObject } from './calendar-objects.js'
import { filterOf, findObjects, rangeOf } from './calendar-search.js'
import { changedEvent, type EventFields } from './calendar-writing.js'
import { defineTool, ToolError, type Tool, type ToolContext } from './tool.js'

const FILTERS = [
  'title_contains',
  'categories',
  'calendar_name',
  'start_date',
  'end_date',
  'status',
  'location_contains',
] as const

const bulk = defineTool({
  name: 'nc_calendar_bulk_operations',
  title: 'Change many events',
  description:
    'Updates, deletes or moves all events that pass the filters, of which there must be one at least; a series counts as ' +
    'one event. Every event has its own result.',
  annotations: overwriting,
  input: z.strictObject({
    operation: z.string().describe('update, delete or move'),
    ...inputs.eventFilters,
    calendar_name: inputs.calendarName.nullable().default(null),
    start_date: inputs.rangeEdge.nullable().default(null),
    end_date: inputs.rangeEdge.nullable().default(null),
    new_title: z.string().nullable().default(null),
    new_description: z.string().nullable().default(null),
    new_location: z.string().nullable().default(null),
    new_categories: inputs.categories.nullable().default(null),
    new_priority: inputs.priority.nullable().default(null),
    new_reminder_minutes: inputs.reminderMinutes.nullable().default(null),
    target_calendar: z.string().nullable().default(null).describe('Where events are moved to'),
  }),
  output: z.object({
    operation: z.string(),
    total_found: z.int(),
    updated_count: z.int().optional(),
    deleted_count: z.int().optional(),
    moved_count: z.int().optional(),
    failed_count: z.int(),
    target_calendar: z.string().optional(),
    results: z.array(
      z.object({
        uid: z.string(),
        title: z.string(),
        status: z.enum(['updated', 'deleted', 'moved', 'failed']),
        error: z.string().optional(),
      }),
    ),
  }),
  async run(input, context) {
    const { operation, calendar_name, start_date, end_date, target_calendar } = input
    const changes = changesIn(input)
    const act = actionOf(operation, changes, target_calendar, context)
    if (FILTERS.every((name) => input[name] === null || input[name] === '')) {
      throw new ToolError('At least one filter is required, so that not all events are changed by mistake')
    }
    const range = rangeOf(start_date ?? '', end_date ?? '')
    const matches = filterOf(input)
    const found = (await findObjects(context.nextcloud, calendar_name ?? '', range))
      .map((object) => ({ object, event: eventOf(object) }))
      .filter(({ event }) => matches(event))
    const results = []
    // One after the other: a model that is wrong about what it does can still be stopped.
    for (const { object, event } of found) results.push(await resultOf(act, object, event))
    const done = results.filter(({ status }) => status !== 'failed').length
    return {
      operation,
      total_found: found.length,
      [`${act.status}_count`]: done,
      failed_count: found.length - done,
      ...(target_calendar === null ? {} : { target_calendar }),
      results,
    }
  },
})

interface Action {
  readonly status: 'updated' | 'deleted' | 'moved'
  run(object: EventObject, event: ListedEvent): Promise<unknown>
}

/** @throws {ToolError} for an unknown operation, or one that lacks what it needs. */
function actionOf(
  operation: string,
  changes: EventFields,
  target: string | null,
  { nextcloud, mutants }: ToolContext,
): Action {
  switch (operation) {
    case 'update':
      if (Object.keys(changes).length === 0)
        throw new ToolError('No update data provided for update operation')
      return {
        status: 'updated',
        run: (object) =>
          replaceObject(nextcloud, object, object.etag, changedEvent(object.calendar, changes, mutants)),
      }
    case 'delete':
      return { status: 'deleted', run: (object) => deleteEvent(nextcloud, object) }
    case 'move':
      if (target === null || target === '')
        throw new ToolError('target_calendar is required for move operation')
      return { status: 'moved', run: (object, { shown }) => move(nextcloud, object, shown.uid, target) }
    default:
      throw new ToolError("Operation must be 'update', 'delete', or 'move'")
  }
}

async function move(
  nextcloud: NextcloudClient,
  object: EventObject,
  uid: string,
  target: string,
): Promise<void> {
  if (object.calendarName === target) throw new ToolError(`The event is in calendar ${target} already`)
  await createObject(nextcloud, target, uid, `${object.calendar.toString()}\r\n`)
  await deleteEvent(nextcloud, object)
}

async function resultOf(act: Action, object: EventObject, event: ListedEvent) {
  const { uid, title } = event.shown
  try {
    await act.run(object, event)
    return { uid, title, status: act.status }
  } catch (error) {
    const isTold =
      error instanceof ToolError || error instanceof NextcloudFailure || error instanceof NextcloudStatusError
    if (!isTold) throw error
    return { uid, title, status: 'failed' as const, error: error.message }
  }
}

function changesIn(input: {
  readonly new_title: string | null
  readonly new_description: string | null
  readonly new_location: string | null
  readonly new_categories: string | null
  readonly new_priority: number | null
  readonly new_reminder_minutes: number | null
}): EventFields {
  const changes: EventFields = {
    title: input.new_title ?? undefined,
    description: input.new_description ?? undefined,
    location: input.new_location ?? undefined,
    categories: input.new_categories ?? undefined,
    priority: input.new_priority ?? undefined,
    reminder_minutes: input.new_reminder_minutes ?? undefined,
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

export const calendarBulkTools: readonly Tool[] = [bulk]
