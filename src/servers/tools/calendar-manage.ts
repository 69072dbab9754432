import * as z from 'zod'
import { overwriting } from './annotations.js'
import {
  createCalendar,
  deleteCalendar,
  listCalendars,
  updateCalendar,
  type CalendarInfo,
} from './calendar-collections.js'
import { defineTool, ToolError } from './tool.js'

const DEFAULT_COLOR = '#1976D2'

/** A calendar as tools show it. */
export const calendarSchema = z.object({
  name: z.string(),
  display_name: z.string(),
  description: z.string(),
  color: z.string(),
  href: z.string(),
  timezone: z.string().nullable(),
  enabled: z.boolean(),
  ctag: z.string(),
  components: z.array(z.string()).describe('What it takes: VEVENT, VTODO, VJOURNAL'),
})

export function shownCalendar(calendar: CalendarInfo): z.output<typeof calendarSchema> {
  const { displayName, components, color, ...rest } = calendar
  return { ...rest, display_name: displayName, color: color || DEFAULT_COLOR, components: [...components] }
}

/** `nc_calendar_manage_calendar`. */
export const manageCalendar = defineTool({
  name: 'nc_calendar_manage_calendar',
  title: 'Manage calendars',
  description:
    'Creates, changes, deletes or lists calendars. A deleted calendar stays in the trash bin for 30 days, during which ' +
    'its name is taken.',
  annotations: overwriting,
  input: z.strictObject({
    action: z.string().describe('create, delete, update or list'),
    calendar_name: z.string().default('').describe('Name in the address'),
    display_name: z.string().default(''),
    description: z.string().default(''),
    color: z
      .string()
      .optional()
      .describe(`Such as #FF0000; a new calendar without one gets ${DEFAULT_COLOR}`),
  }),
  output: z.object({
    action: z.string(),
    name: z.string().optional(),
    display_name: z.string().optional(),
    description: z.string().optional(),
    color: z.string().optional(),
    status_code: z.int().optional(),
    calendars: z.array(calendarSchema).optional().describe('Of the action list'),
  }),
  async run({ action, calendar_name: name, display_name, description, color }, { nextcloud }) {
    if (action === 'list') return { action, calendars: (await listCalendars(nextcloud)).map(shownCalendar) }
    if (action !== 'create' && action !== 'delete' && action !== 'update') {
      throw new ToolError("Action must be 'create', 'delete', 'update', or 'list'")
    }
    if (name === '') throw new ToolError(`calendar_name is required for ${action} action`)
    if (color !== undefined && !/^#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(color)) {
      throw new ToolError(`Invalid color: '${color}'`)
    }
    if (action === 'delete') return { action, name, status_code: await deleteCalendar(nextcloud, name) }
    if (action === 'create') {
      const made = { displayName: display_name || name, description, color: color ?? DEFAULT_COLOR }
      const status = await createCalendar(nextcloud, name, {
        displayName: made.displayName,
        color: made.color,
        ...(description === '' ? {} : { description }),
      })
      return {
        action,
        name,
        display_name: made.displayName,
        description,
        color: made.color,
        status_code: status,
      }
    }
    const changes = {
      ...(display_name === '' ? {} : { displayName: display_name }),
      ...(description === '' ? {} : { description }),
      ...(color === undefined ? {} : { color }),
    }
    if (Object.keys(changes).length === 0) throw new ToolError('No changes provided for update action')
    await updateCalendar(nextcloud, name, changes)
    const now = (await listCalendars(nextcloud)).find((calendar) => calendar.name === name)
    return {
      action,
      name,
      ...(now === undefined
        ? {}
        : { display_name: now.displayName, description: now.description, color: now.color }),
      status_code: 200,
    }
  },
})
